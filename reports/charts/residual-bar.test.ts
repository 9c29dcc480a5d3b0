import { expect, test } from 'vitest';
import { residualBar } from './residual-bar.ts';

/** Where the mark, the ends of the range and those of the band lie, in per cent of the width. */
function drawn(share: number, range: readonly [number, number] = [share, share]): Record<string, number[]> {
  const { text } = residualBar({ share, range, explained: 0.15, counts: true });
  const numbers = (pattern: RegExp): number[] => [...text.matchAll(pattern)].flatMap(([, ...all]) => all.map(Number));
  return {
    band: numbers(/class="explained" x="([\d.]+)%" width="([\d.]+)%"/g),
    range: numbers(/class="range" x1="([\d.]+)%" x2="([\d.]+)%"/g),
    mark: numbers(/<(?:rect|svg) x="([\d.]+)%"/g),
  };
}

test('the band ends at 15 % to either side, and a residual lies on the same scale', () => {
  expect(drawn(0)).toEqual({ band: [25, 50], range: [50, 50], mark: [50] });
  expect(drawn(0.15, [-0.15, 0.3])).toEqual({ band: [25, 50], range: [25, 100], mark: [75] });
  expect(drawn(-0.03, [-0.06, 0]).mark).toEqual([45]);
});

test('what lies beyond the edge points out of it, and what is not explained is marked', () => {
  expect(drawn(0.9).mark).toEqual([100]);
  expect(drawn(-3).mark).toEqual([0]);
  const kinds = [0.151, 0.149, -0.4].map((share) =>
    residualBar({ share, range: [share, share], explained: 0.15, counts: true }).text.includes('beyond'),
  );
  expect(kinds).toEqual([true, false, true]);
  expect(residualBar({ share: 0.4, range: [0.4, 0.4], explained: 0.15, counts: false }).text).not.toContain('beyond');
});
