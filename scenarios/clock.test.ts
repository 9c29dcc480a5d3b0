import { expect, test } from 'vitest';
import { monotonicNs } from './clock.ts';

test('the clock counts whole nanoseconds, forward', () => {
  const times = Array.from({ length: 1000 }, monotonicNs);
  expect(times.every(Number.isSafeInteger)).toBe(true);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
