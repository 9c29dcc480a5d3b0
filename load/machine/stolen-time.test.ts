import { expect, test } from 'vitest';
import { parseStolenTime, stolenTimeNs } from './stolen-time.ts';

test('reads the eighth figure, in ticks', () => {
  expect(parseStolenTime('cpu  99374 22024 40336 734255 4273 0 3831 3729 0 0\ncpu0 1 2 3')).toBe(37.29e9);
  expect(parseStolenTime('cpu  1 2 3 4')).toBeNull();
});

test('never runs backwards', () => {
  const before = stolenTimeNs() ?? 0;
  expect(stolenTimeNs() ?? 0).toBeGreaterThanOrEqual(before);
});
