import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanOverPolls, messagesPerPoll } from './poll-schedule.ts';

const schedules = fc.record({
  dueNs: fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 }).map((due) => due.toSorted((a, b) => a - b)),
  intervalNs: fc.integer({ min: 1, max: 300 }),
  span: fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 500 }))
    .map(([startNs, lengthNs]) => ({ startNs, endNs: startNs + lengthNs })),
});

/** The definition, one poll at a time: what was due in (t − T, t]. */
function countedOneByOne(dueNs: readonly number[], intervalNs: number, pollNs: number): number {
  return dueNs.filter((due) => due > pollNs - intervalNs && due <= pollNs).length;
}

test('shares are those that counting poll by poll gives', () => {
  fc.assert(
    fc.property(schedules, ({ dueNs, intervalNs, span }) => {
      const shares = messagesPerPoll(dueNs, intervalNs, span);
      const counts = new Map<number, number>();
      // Times are integers here, so polls at every half cover each piece evenly and meet no edge.
      for (let pollNs = span.startNs + 0.5; pollNs < span.endNs; pollNs++) {
        const messages = countedOneByOne(dueNs, intervalNs, pollNs);
        counts.set(messages, (counts.get(messages) ?? 0) + 1);
      }
      const total = span.endNs - span.startNs;
      expect(new Set(shares.keys())).toEqual(new Set(counts.keys()));
      for (const [messages, count] of counts) expect(shares.get(messages)).toBeCloseTo(count / total, 9);
    }),
  );
});

test('a fixed feed leaves 1 − T/Δ of the polls empty, and answers hold λT on average', () => {
  const dueNs = Array.from({ length: 200 }, (_, index) => index * 100);
  const shares = messagesPerPoll(dueNs, 30, { startNs: 1000, endNs: 15_000 });
  expect(shares.get(0)).toBeCloseTo(0.7, 9);
  expect(meanOverPolls(shares, (messages) => messages)).toBeCloseTo(0.3, 9);
});

test('an empty feed, an empty window', () => {
  expect(messagesPerPoll([], 10, { startNs: 0, endNs: 50 })).toEqual(new Map([[0, 1]]));
  expect(messagesPerPoll([5], 10, { startNs: 50, endNs: 50 }).size).toBe(0);
});
