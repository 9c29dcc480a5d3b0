import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanAgeNs, meanOverPolls, messagesThere, newestPresence, wholePresence } from './poll-schedule.ts';
import { playRhythm } from './rhythm-schedule.ts';

const SPAN = { startNs: 2000, endNs: 12_000 };

function steady(everyNs: number): number[] {
  return Array.from({ length: Math.floor(14_000 / everyNs) }, (_, index) => index * everyNs);
}

test('who polls at every interval is found as by the law', () => {
  const dueNs = steady(37);
  const keys = dueNs.map((_, index) => `${index % 5}`);
  for (const of of [undefined, keys]) {
    const presence = of === undefined ? wholePresence(dueNs, 400) : newestPresence(dueNs, of, 400);
    const { ageNs, answers, pollsPerInterval } = playRhythm(
      { dueNs, keys: of, intervalNs: 400, ask: 'since' },
      SPAN,
      SPAN,
    );
    expect(ageNs / meanAgeNs(presence, SPAN)).toBeCloseTo(1, 1);
    const mean = (shares: ReadonlyMap<number, number>): number => meanOverPolls(shares, (messages) => messages);
    expect(mean(answers) / mean(messagesThere(presence, SPAN))).toBeCloseTo(1, 1);
    expect(pollsPerInterval).toBeCloseTo(1, 1);
  }
});

test('who adapts polls a quarter as often where nothing comes, and as often as ever where something always does', () => {
  const play = (everyNs: number) =>
    playRhythm({ dueNs: steady(everyNs), intervalNs: 100, ask: 'adaptive' }, SPAN, SPAN);
  expect(play(13_999).pollsPerInterval).toBeCloseTo(0.25, 1);
  expect(play(13_999).answers.get(0)).toBeGreaterThan(0.95);
  expect(play(50).pollsPerInterval).toBeCloseTo(1, 1);
  expect(play(50).ageNs).toBeCloseTo(50, -1);
});

test('a tab that is hidden half of the time polls half as often, and nobody waits for it meanwhile', () => {
  const { ageNs, pollsPerInterval } = playRhythm({ dueNs: steady(10), intervalNs: 100, ask: 'hidden' }, SPAN, SPAN);
  expect(pollsPerInterval).toBeCloseTo(0.5, 1);
  // What is due in one of the four intervals in which it is shown waits for half of one, in the other four not at all.
  expect(ageNs).toBeCloseTo((4 * 50) / 8, -1);
});

test('an answer for each poll, whatever the rhythm', () => {
  const dues = fc.array(fc.integer({ min: 0, max: 12_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(dues, fc.constantFrom('since', 'adaptive', 'hidden'), (due, ask) => {
      const dueNs = due.toSorted((a, b) => a - b);
      const { answers } = playRhythm({ dueNs, intervalNs: 500, ask }, SPAN, SPAN);
      expect(meanOverPolls(answers, () => 1)).toBeCloseTo(1, 9);
    }),
    { numRuns: 30 },
  );
});

describe('where the polls of a node share what it reads', () => {
  const S = 1e9;
  const span = { startNs: 10 * S, endNs: 40 * S };
  const dueNs = Array.from({ length: 430 }, (_, index) => index * 0.0937 * S);

  test('messages are older by half the time for which a read is good, and reads are one in that time', () => {
    const shared = playRhythm({ dueNs, intervalNs: 2 * S, ask: 'since', sharedBy: 50 }, span, span);
    // 50 clients ask every 40 ms: the first poll after a second is at its end.
    expect(shared.ageNs / S).toBeCloseTo(2 / 2 + 1 / 2, 1);
    expect(shared.readsPerPoll).toBeCloseTo(1 / 25, 3);
    const alone = playRhythm({ dueNs, intervalNs: 2 * S, ask: 'since' }, span, span);
    expect([alone.ageNs / S, alone.readsPerPoll]).toEqual([expect.closeTo(1, 1), 1]);
  });

  test('who is alone at a node reads for each poll that is no sooner than a read is old', () => {
    const { readsPerPoll } = playRhythm({ dueNs, intervalNs: 2 * S, ask: 'since', sharedBy: 1 }, span, span);
    expect(readsPerPoll).toBe(1);
  });

  test('who adapts, or looks away, shares it too', () => {
    for (const ask of ['adaptive', 'hidden'] as const) {
      const shared = playRhythm({ dueNs, intervalNs: S, ask, sharedBy: 80 }, span, span);
      const alone = playRhythm({ dueNs, intervalNs: S, ask }, span, span);
      expect(shared.ageNs).toBeGreaterThan(alone.ageNs);
      expect(shared.pollsPerInterval).toBeCloseTo(alone.pollsPerInterval, 1);
      expect(shared.readsPerPoll).toBeLessThan(0.05);
    }
  });
});

test('a state holds one message of each key, and where nothing came since it is not sent again', () => {
  const dueNs = steady(1000);
  const keys = dueNs.map((_, index) => `${index % 3}`);
  const { answers, states } = playRhythm({ dueNs, keys, intervalNs: 400, ask: 'etag' }, SPAN, SPAN);
  expect([...states.keys()].toSorted((a, b) => a - b)).toEqual([0, 3]);
  expect(states.get(0)).toBeCloseTo(answers.get(0) ?? 0, 9);
  expect(states.get(3)).toBeCloseTo(0.4, 1);
});
