import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hiddenNs, isShownAt, longestWait, openRhythm, RHYTHM_CYCLE } from './rhythm.ts';

/** The points of so many at which it polls, where the answer at a point has so many messages. */
function pollsOf(
  ask: Parameters<typeof openRhythm>[0],
  points: number,
  messagesAt: (point: number) => number,
): number[] {
  const rhythm = openRhythm(ask);
  return Array.from({ length: points }, (_, point) => point).filter((point) => {
    const asks = rhythm.asksAt(point);
    if (asks) rhythm.answered(messagesAt(point));
    return asks;
  });
}

test('who adapts waits longer while nothing comes, and is back at once when something does', () => {
  expect(pollsOf('adaptive', 20, () => 0)).toEqual([0, 4, 8, 12, 16]);
  expect(pollsOf('adaptive', 20, (point) => Number(point === 8))).toEqual([0, 4, 8, 9, 11, 15, 19]);
  expect(pollsOf('adaptive', 6, () => 1)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('whose first answer had something asks at the next point, others where they would be after a long time', () => {
  const first = (messages: number): number => {
    const rhythm = openRhythm('adaptive');
    rhythm.answered(messages);
    return [5, 6, 7, 8].find((point) => rhythm.asksAt(point)) ?? Number.NaN;
  };
  expect([first(1), first(0)]).toEqual([5, 8]);
});

test('a tab that is hidden never asks, and does at once when it is shown', () => {
  expect(pollsOf('hidden', 16, () => 0)).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
  expect([-8, -5, -4, -1].map(isShownAt)).toEqual([true, true, false, false]);
});

test.each(['since', 'adaptive', 'hidden'] as const)('no wait of %s is longer than what is said of it', (ask) => {
  const polls = pollsOf(ask, 64, () => 0);
  const waits = polls.slice(1).map((point, index) => point - (polls[index] ?? 0));
  expect(Math.max(...waits)).toBe(longestWait(ask));
});

test('the time in which a tab was hidden is that of the points at which it was', () => {
  const grid = { originNs: 7, intervalNs: 10 };
  const at = fc.integer({ min: -2000, max: 2000 });
  fc.assert(
    fc.property(at, at, (one, other) => {
      const [fromNs, toNs] = one < other ? [one, other] : [other, one];
      let counted = 0;
      for (let ns = fromNs; ns < toNs; ns++) counted += Number(!isShownAt(Math.floor((ns - 7) / 10)));
      expect(hiddenNs(grid, fromNs, toNs)).toBeCloseTo(counted, 6);
    }),
  );
  expect(hiddenNs(grid, 7, 7 + RHYTHM_CYCLE * 10)).toBe(40);
});
