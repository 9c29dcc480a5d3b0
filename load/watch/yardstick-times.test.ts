import { expect, test } from 'vitest';
import { YardstickTimes } from './yardstick-times.ts';

const BINS = { originNs: 1000, binNs: 100, count: 3 };

test('a bin has the median of what was done in it, and none where nothing was', () => {
  const times = new YardstickTimes(BINS);
  for (const tookNs of [9, 200, 8, 10, 7]) times.add(1050, tookNs);
  times.add(1299, 5);
  expect(times.perBin()).toEqual([9, null, 5]);
});

test('what was done before and after the bins is in none', () => {
  const times = new YardstickTimes(BINS);
  times.add(999, 5);
  times.add(1300, 5);
  expect(times.perBin()).toEqual([null, null, null]);
});
