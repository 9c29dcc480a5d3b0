import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanAgeNs, meanOverPolls, messagesThere, newestPresence, type Span, wholePresence } from './poll-schedule.ts';

function messagesPerPoll(dueNs: readonly number[], intervalNs: number, span: Span): ReadonlyMap<number, number> {
  return messagesThere(wholePresence(dueNs, intervalNs), span);
}

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

describe('where an answer holds the newest of each key', () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 40, maxLength: 40 });

  /** The definition, one poll at a time: of what was due in (t − T, t] the last of each key. */
  function found(
    dueNs: readonly number[],
    of: readonly string[],
    polled: { atNs: number; intervalNs: number },
  ): number[] {
    const there = dueNs.flatMap((due, index) =>
      due > polled.atNs - polled.intervalNs && due <= polled.atNs ? [index] : [],
    );
    return there.filter((index) => !there.some((other) => other > index && of[other] === of[index]));
  }

  test('shares are those that looking poll by poll gives', () => {
    fc.assert(
      fc.property(schedules, keys, ({ dueNs, intervalNs, span }, of) => {
        const shares = messagesThere(newestPresence(dueNs, of, intervalNs), span);
        const counts = new Map<number, number>();
        for (let atNs = span.startNs + 0.5; atNs < span.endNs; atNs++) {
          const messages = found(dueNs, of, { atNs, intervalNs }).length;
          counts.set(messages, (counts.get(messages) ?? 0) + 1);
        }
        expect(new Set(shares.keys())).toEqual(new Set(counts.keys()));
        for (const [messages, count] of counts)
          expect(shares.get(messages)).toBeCloseTo(count / (span.endNs - span.startNs), 9);
      }),
    );
  });

  test('the mean age is that of what polls find of the messages in the span', () => {
    fc.assert(
      fc.property(schedules, keys, ({ dueNs, intervalNs, span }, of) => {
        let ages = 0;
        let messages = 0;
        for (let atNs = 0.5; atNs < 2000; atNs++) {
          for (const index of found(dueNs, of, { atNs, intervalNs })) {
            const due = dueNs[index] ?? Number.NaN;
            if (due < span.startNs || due >= span.endNs) continue;
            ages += atNs - due;
            messages += 1;
          }
        }
        const mean = meanAgeNs(newestPresence(dueNs, of, intervalNs), span);
        expect(mean).toBeCloseTo(messages === 0 ? 0 : ages / messages, 6);
      }),
      { numRuns: 50 },
    );
  });

  test('of one key there is one at most; with all, each is there for an interval', () => {
    const dueNs = [10, 20, 30];
    expect(newestPresence(dueNs, ['a', 'a', 'a'], 100).untilNs).toEqual([20, 30, 130]);
    expect(newestPresence(dueNs, ['a', 'b', 'c'], 100)).toEqual(wholePresence(dueNs, 100));
    expect(meanAgeNs(wholePresence(dueNs, 100), { startNs: 0, endNs: 50 })).toBe(50);
  });
});
