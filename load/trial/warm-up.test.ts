import { expect, test } from 'vitest';
import { findWarmUp } from './warm-up.ts';

const bins = (...means: number[]): { count: number; mean: number }[] => means.map((mean) => ({ count: 20, mean }));

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

test.each([
  [9, 'too few messages'],
  [10, 'steady'],
])('a bin needs ten messages to tell anything: %d', (count, says) => {
  const steady = bins(2, 2, 2, 2, 2, 2);
  const means = steady.with(3, { count, mean: 2 });
  expect(findWarmUp(means, 1).finding).toContain(says);
});

test('bins of the planned warm-up may have few messages', () => {
  const means = bins(9, 2, 2, 2, 2).with(0, { count: 0, mean: 0 });
  expect(findWarmUp(means, 1).finding).toMatch(/^as planned: delivery was steady/);
});

test('four bins are the fewest that can be steady', () => {
  expect(findWarmUp(bins(5, 2, 2, 2, 2), 1).finding).toContain('steady from there on');
  expect(findWarmUp(bins(5, 2, 2, 2), 1).finding).toContain('too few messages');
});

/** Four bins around 10 whose coefficient of variation is that: the sample's, with n − 1 below. */
const varied = (variation: number): number[] => [
  10 - 10 * variation * Math.sqrt(0.75),
  10 - 10 * variation * Math.sqrt(0.75),
  10 + 10 * variation * Math.sqrt(0.75),
  10 + 10 * variation * Math.sqrt(0.75),
];

test.each([
  [0.19, 0, /^as planned: .* variation 0.19 over 4 bins/],
  [0.21, 1, /^1 bins more than planned/],
])('the bound is a coefficient of variation of 0.2: %d', (variation, extraBins, says) => {
  const means = bins(...varied(variation), 12, 12, 12, 12, 12, 12, 12, 12);
  const { firstBin, finding } = findWarmUp(means, 0);
  expect(firstBin).toBe(extraBins);
  expect(finding).toMatch(says);
});

test('a start that settles only after a quarter of the bins is measured as planned', () => {
  const settled = (slow: number): ReturnType<typeof bins> =>
    bins(...Array.from({ length: 16 }, (_, bin) => (bin < slow ? 90 - 20 * (bin % 2) * bin : 2)));
  expect(findWarmUp(settled(4), 0).firstBin).toBe(4);
  expect(findWarmUp(settled(5), 0)).toMatchObject({
    firstBin: 0,
    finding: expect.stringContaining('above 0.2 in each early window of 4 bins') as unknown,
  });
});

test('what was made to happen is no warm-up, and nothing behind it tells of one', () => {
  const means = bins(9, 2, 2, 2, 2, 700, 900, 2, 2, 2, 2, 2);
  expect(findWarmUp(means, 1, 5)).toMatchObject({ firstBin: 1, finding: expect.stringContaining('steady') as unknown });
  expect(findWarmUp(means, 1, 4)).toEqual({
    firstBin: 1,
    finding: 'as planned: what was made to happen came too soon for more to be told',
  });
});
