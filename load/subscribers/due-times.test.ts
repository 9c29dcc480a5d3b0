import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import type { Feed } from '../../scenarios/feed/kinds/feed-schemas.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { DueTimes } from './due-times.ts';

const ORIGIN_NS = 5e15;
const feed: fc.Arbitrary<Feed> = fc.record({
  kind: fc.constantFrom('fixed', 'poisson'),
  messagesPerSecond: fc.constantFrom(1, 7, 60, 999),
});
const seed = fc.nat();

function begun(planned: { feed: Feed; seed: number }, durationNs = NS_PER_SECOND): DueTimes {
  const times = new DueTimes({ ...planned, durationNs });
  times.begin(ORIGIN_NS);
  return times;
}

test('a message fits its own time and no other message has it', () => {
  fc.assert(
    fc.property(feed, seed, fc.array(fc.tuple(fc.nat(), fc.nat())), (given, from, pairs) => {
      const offsets = dueOffsetsNs(given, NS_PER_SECOND, from);
      const times = begun({ feed: given, seed: from });
      for (const [number, other] of pairs) {
        const seq = 1 + (number % (offsets.length + 2));
        const offsetNs = offsets[other % Math.max(1, offsets.length)] ?? 0;
        expect(times.fit(seq, ORIGIN_NS + offsetNs)).toBe(offsets[seq - 1] === offsetNs);
      }
    }),
  );
});

test('whole feeds fit in any order, and a nanosecond off does not', () => {
  fc.assert(
    fc.property(feed, seed, fc.nat(), (given, from, turn) => {
      const offsets = dueOffsetsNs(given, NS_PER_SECOND, from);
      const times = begun({ feed: given, seed: from });
      for (let step = 0; step < offsets.length; step++) {
        const index = (step * 7919 + turn) % offsets.length;
        const dueNs = ORIGIN_NS + (offsets[index] ?? Number.NaN);
        expect([times.fit(index + 1, dueNs), times.fit(index + 1, dueNs + 1)]).toEqual([true, false]);
      }
    }),
    { numRuns: 20 },
  );
});

const fixed = { feed: { kind: 'fixed', messagesPerSecond: 1000 }, seed: 1 } as const;

test('nothing is due before the feed begins', () => {
  const times = new DueTimes({ ...fixed, durationNs: NS_PER_SECOND });
  expect([times.fit(1, 0.5 * NS_PER_MS), times.fit(1, ORIGIN_NS), times.fit(1, Number.NEGATIVE_INFINITY)]).toEqual([
    false,
    false,
    false,
  ]);
  times.begin(ORIGIN_NS);
  expect(times.fit(1, ORIGIN_NS + 0.5 * NS_PER_MS)).toBe(true);
});

test('a number that the feed does not have never fits, and leaves the others as they were', () => {
  const times = begun(fixed);
  for (const seq of [0, -1, 1.5, 1001, Number.MAX_SAFE_INTEGER]) {
    for (const dueNs of [
      0,
      ORIGIN_NS,
      ORIGIN_NS + 0.5 * NS_PER_MS,
      2 * ORIGIN_NS,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]) {
      expect(times.fit(seq, dueNs)).toBe(false);
    }
  }
  expect(times.fit(1, ORIGIN_NS + 0.5 * NS_PER_MS)).toBe(true);
});

test('a feed of a day is followed without being held', () => {
  const times = begun({ feed: { kind: 'fixed', messagesPerSecond: 10 }, seed: 1 }, 86_400 * NS_PER_SECOND);
  const dueNs = (seq: number): number => ORIGIN_NS + (seq - 0.5) * 100 * NS_PER_MS;
  const seqs = [1, 200_000, 199_999, 100_000, 864_000];
  for (const seq of seqs)
    expect([seq, times.fit(seq, dueNs(seq)), times.fit(seq, dueNs(seq + 1))]).toEqual([seq, true, false]);
  // So old that its time is no longer kept: its number alone makes it a repeated or a late one.
  expect(times.fit(1, dueNs(1))).toBe(true);
});

test('messages that are due in the same nanosecond both fit', () => {
  const dense = { feed: { kind: 'poisson', messagesPerSecond: 100_000 }, seed: 1 } as const;
  const offsets = dueOffsetsNs(dense.feed, NS_PER_SECOND, dense.seed);
  const second = offsets.findIndex((offsetNs, index) => offsetNs === offsets[index - 1]);
  const dueNs = ORIGIN_NS + (offsets[second] ?? Number.NaN);
  expect(second).toBeGreaterThan(0);
  const times = begun(dense);
  expect([times.fit(second, dueNs), times.fit(second + 1, dueNs), times.fit(second + 2, dueNs)]).toEqual([
    true,
    true,
    false,
  ]);
});

test('how many messages are due by a moment', () => {
  const times = new DueTimes({ feed: { kind: 'fixed', messagesPerSecond: 10 }, durationNs: 1e9, seed: 1 });
  expect(times.dueBy(5e9)).toBe(0);
  times.begin(1e9);
  expect([1e9, 1.049e9, 1.05e9, 1.5e9, 1.1e9, 9e9].map((moment) => times.dueBy(moment))).toEqual([0, 0, 1, 5, 1, 10]);
});
