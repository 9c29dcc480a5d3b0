import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { delaySpreadNs, oneWayDelayNs } from './one-way-delay.ts';

test('it is half the median, in whatever order the connects came, not the least, the most or the mean', () => {
  expect(oneWayDelayNs([900, 100, 300, 40_000, 500])).toBe(250);
  expect(oneWayDelayNs([7])).toBe(4);
});

test('half of the connects took at least twice as long, and half at most', () => {
  const odd = fc.array(fc.nat({ max: 1e9 }), { minLength: 1, maxLength: 41 }).filter((times) => times.length % 2 === 1);
  fc.assert(
    fc.property(odd, (times) => {
      const roundTripNs = 2 * oneWayDelayNs(times);
      expect(times.filter((time) => time >= roundTripNs - 1).length).toBeGreaterThan(times.length / 2);
      expect(times.filter((time) => time <= roundTripNs + 1).length).toBeGreaterThan(times.length / 2);
    }),
  );
});

test('of no connects there is no delay', () => {
  expect(() => oneWayDelayNs([])).toThrow('no connect was timed');
});

test('four in five of the delays lie within the spread of their middle', () => {
  const times = Array.from({ length: 21 }, (_, index) => 1000 + 10 * index);
  expect(delaySpreadNs(times)).toBe(40);
  expect(delaySpreadNs([7])).toBe(0);
});
