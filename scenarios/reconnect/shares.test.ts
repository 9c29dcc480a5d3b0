import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostPerSecond } from './peak.ts';
import { percentBy, timesOfShares } from './shares.ts';

test('the time by which a share was there is that of the client who made it so', () => {
  const times = timesOfShares([300, 100, 200, 400], 4);
  expect(times).toHaveLength(101);
  expect([times[0], times[25], times[26], times[50], times[75], times[99], times[100]]).toEqual([
    100, 100, 200, 200, 300, 400, 400,
  ]);
});

test('who never was leaves the end of the curve open', () => {
  const times = timesOfShares([100], 4);
  expect([times[25], times[26], times[100]]).toEqual([100, null, null]);
  expect(timesOfShares([], 0).every((time) => time === null)).toBe(true);
});

test('the curve is read both ways', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 }), fc.nat(5), fc.nat(1000), (times, away, at) => {
      const percent = percentBy(timesOfShares(times, times.length + away), at);
      const there = (100 * times.filter((time) => time <= at).length) / (times.length + away);
      expect(percent).toBe(Math.floor(there));
    }),
  );
});

test('the most in a tenth of a second, as a rate', () => {
  expect(mostPerSecond([])).toBe(0);
  expect(mostPerSecond([0, 99e6, 100e6, 199e6, 199.9e6, 1e9])).toBe(30);
});
