import { expect, test } from 'vitest';
import { findWarmUp } from './warm-up.ts';

const bins = (...means: number[]): { count: number; mean: number }[] => means.map((mean) => ({ count: 1000, mean }));

test('a steady start ends with the planned warm-up', () => {
  const { firstBin, finding } = findWarmUp(bins(9, 5, 2, 2.1, 1.9, 2, 2.05, 2), 2);
  expect(firstBin).toBe(2);
  expect(finding).toMatch(/^as planned: delivery was steady/);
});

test('a slow start is excluded beyond the plan, and that is said', () => {
  const { firstBin, finding } = findWarmUp(bins(20, 12, 9, 5, 2, 2.1, 1.9, 2, 2.05, 2, 2, 2, 2, 2), 1);
  expect(firstBin).toBe(4);
  expect(finding).toMatch(/^3 bins more than planned/);
});

test('three quarters of the bins are kept', () => {
  const { firstBin, finding } = findWarmUp(bins(1, 1, 8, 1, 9, 1, 8, 1, 9, 1, 1, 1, 1, 1), 2);
  expect(firstBin).toBe(2);
  expect(finding).toMatch(/not steady soon enough/);
});

test('a stall in mid-run is no warm-up', () => {
  expect(findWarmUp(bins(2, 2, 2, 2, 2, 2, 700, 300, 2, 2), 1).firstBin).toBe(1);
});

test('too few messages tell nothing', () => {
  const sparse = bins(9, 1, 5, 1, 9, 2).map((bin) => ({ ...bin, count: 1 }));
  expect(findWarmUp(sparse, 2)).toEqual({
    firstBin: 2,
    finding: 'as planned: too few messages to tell whether the server was warm',
  });
});
