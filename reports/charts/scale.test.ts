import { array, assert, constantFrom, double, pre, property } from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration } from '../../scenarios/units.ts';
import { linearScale, logarithmicScale, shareOf, ticksWithRoom } from './scale.ts';

const value = double({ min: 1e-3, max: 1e12, noNaN: true });
const values = array(value, { minLength: 1, maxLength: 30 });

test('every value lies on its scale, between ends that are ticks, in its order', () => {
  assert(
    property(values, constantFrom(linearScale, logarithmicScale), (all, scaleOf) => {
      const scale = scaleOf(all, String);
      expect(scale.min).toBeLessThanOrEqual(Math.min(...all) * (1 + 1e-9));
      expect(scale.max).toBeGreaterThanOrEqual(Math.max(...all) * (1 - 1e-9));
      expect(scale.ticks.map((tick) => tick.value)).toEqual(expect.arrayContaining([scale.min, scale.max]));
      const shares = all.toSorted((a, b) => a - b).map((one) => shareOf(scale, one));
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    }),
  );
});

test('ticks have the room that they need, unless they are the first', () => {
  assert(
    property(values, double({ min: 0.01, max: 0.5, noNaN: true }), (all, room) => {
      const scale = logarithmicScale(all, String);
      const shown = ticksWithRoom(scale, room);
      pre(shown.some(({ level }) => level > 0));
      const places = shown.map((tick) => shareOf(scale, tick.value));
      for (const [index, place] of places.slice(1).entries()) {
        expect(place - (places[index] ?? 0)).toBeGreaterThanOrEqual(room);
      }
    }),
  );
});

test('a scale of times reads as times', () => {
  const { min, max, ticks } = logarithmicScale([1.7e6, 1.2e9], formatDuration);
  expect([min, max]).toEqual([1e6, 2e9]);
  expect(ticks.filter(({ level }) => level === 0).map(({ text }) => text)).toEqual([
    '1.00 ms',
    '10.0 ms',
    '100 ms',
    '1.00 s',
  ]);
});
