import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countDue, dueOffsetsNs, dueTimes } from './schedule.ts';
import { hashFeed, ScheduleHash } from './schedule-hash.ts';
import { payloadData } from './payload.ts';
import type { Feed } from './kinds/feed-schemas.ts';
import type { Payload } from './workload.ts';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const rate = fc.oneof(fc.constantFrom(0.5, 1, 3, 7, 20, 60, 1000), fc.double({ min: 0.01, max: 2000, noNaN: true }));
const feed: fc.Arbitrary<Feed> = fc.record({ kind: fc.constantFrom('fixed', 'poisson'), messagesPerSecond: rate });
const durationNs = fc.integer({ min: 1, max: 3e9 });

test('due times are whole, in order, not before the start and below the duration', () => {
  fc.assert(
    fc.property(feed, durationNs, seed, (given, duration, from) => {
      let previous = 0;
      for (const offset of dueOffsetsNs(given, duration, from)) {
        expect(Number.isSafeInteger(offset) && offset >= previous && offset < duration).toBe(true);
        previous = offset;
      }
    }),
  );
});

test('a longer duration begins with the times of a shorter one', () => {
  fc.assert(
    fc.property(feed, fc.tuple(durationNs, durationNs), seed, (given, durations, from) => {
      const shorter = dueOffsetsNs(given, Math.min(...durations), from);
      const longer = dueOffsetsNs(given, Math.max(...durations), from);
      expect(longer.slice(0, shorter.length)).toEqual(shorter);
      expect((longer[shorter.length] ?? Number.POSITIVE_INFINITY) >= Math.min(...durations)).toBe(true);
    }),
  );
});

test('is counted without being made', () => {
  fc.assert(
    fc.property(feed, durationNs, seed, (given, duration, from) => {
      expect(countDue(given, duration, from)).toBe(dueOffsetsNs(given, duration, from).length);
    }),
  );
});

test('is counted at its very end, where times are rounded', () => {
  const wholeRate = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(
      wholeRate,
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: -2, max: 2 }),
      (perSecond, index, by) => {
        const fixed: Feed = { kind: 'fixed', messagesPerSecond: perSecond };
        const offset = Math.round(((index + 0.5) * 1e9) / perSecond);
        expect(countDue(fixed, offset + by, 1)).toBe(by > 0 ? index + 1 : index);
      },
    ),
  );
});

test('of a day at the highest rate is counted at once, and its first times are there at once', () => {
  const dense: Feed = { kind: 'fixed', messagesPerSecond: 100_000 };
  const startedMs = performance.now();
  expect(countDue(dense, 86_400e9, 1)).toBe(8_640_000_000);
  expect(dueTimes(dense, 86_400e9, 1).next()).toEqual({ done: false, value: 5000 });
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test('the same seed gives the same times', () => {
  fc.assert(
    fc.property(feed, durationNs, seed, (given, duration, from) => {
      expect(dueOffsetsNs(given, duration, from)).toEqual(dueOffsetsNs(given, duration, from));
    }),
  );
});

describe('a fixed feed', () => {
  const fixed = (messagesPerSecond: number): Feed => ({ kind: 'fixed', messagesPerSecond });

  test('begins half an interval in and has its interval exactly', () => {
    expect(dueOffsetsNs(fixed(4), 1e9, 1)).toEqual([125e6, 375e6, 625e6, 875e6]);
    expect(dueOffsetsNs(fixed(3), 1e9, 1)).toEqual([166_666_667, 500e6, 833_333_333]);
    expect(dueOffsetsNs(fixed(0.5), 5e9, 1)).toEqual([1e9, 3e9]);
  });

  test('does not drift in a day, though its interval is no whole number', () => {
    const offsets = dueOffsetsNs(fixed(3), 86_400e9, 1);
    expect(offsets).toHaveLength(259_200);
    expect(offsets[259_198]).toBe(86_399.5e9);
    expect(offsets.at(-1)).toBe(Math.round(86_400e9 - 1e9 / 6));
  });

  test('leaves out a message that would be due at the very end', () => {
    expect(dueOffsetsNs(fixed(10), 950e6, 1)).toHaveLength(9);
    expect(dueOffsetsNs(fixed(10), 950e6 + 1, 1)).toHaveLength(10);
  });

  test('has no use for the seed', () => {
    expect(dueOffsetsNs(fixed(7), 1e9, 1)).toEqual(dueOffsetsNs(fixed(7), 1e9, 2));
  });
});

describe('a Poisson feed', () => {
  const poisson: Feed = { kind: 'poisson', messagesPerSecond: 50 };
  const offsets = dueOffsetsNs(poisson, 2000e9, 7);
  const gaps = offsets.map((offset, index) => offset - (offsets[index - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;

  test('has its rate in the mean', () => {
    // 100,000 arrivals: their standard deviation is 0.32 %.
    expect(offsets.length / 100_000).toBeCloseTo(1, 1.7);
    expect(mean / 20e6).toBeCloseTo(1, 1.7);
  });

  test('has gaps as exponential ones are: as wide as long, and memoryless', () => {
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1.5);
    for (const multiple of [0.5, 1, 2, 3]) {
      const share = gaps.filter((gap) => gap > multiple * mean).length / gaps.length;
      expect(Math.abs(share - Math.exp(-multiple))).toBeLessThan(0.006);
    }
  });

  test('has gaps that do not depend on the ones before', () => {
    const products = gaps.slice(1).map((gap, index) => (gap - mean) * ((gaps[index] ?? mean) - mean));
    const covariance = products.reduce((sum, product) => sum + product, 0) / products.length;
    expect(Math.abs(covariance / mean ** 2)).toBeLessThan(0.015);
  });

  test('is another with another seed', () => {
    fc.assert(
      fc.property(seed, seed, (one, other) => {
        fc.pre(one !== other);
        expect(dueOffsetsNs(poisson, 1e9, one)).not.toEqual(dueOffsetsNs(poisson, 1e9, other));
      }),
    );
  });
});

function scheduleHash(offsetsNs: readonly number[], payload: Payload, from: number): string {
  const hash = new ScheduleHash();
  for (const [index, offsetNs] of offsetsNs.entries()) hash.add(offsetNs, payloadData(payload, from, index));
  return hash.digest();
}

describe('the hash', () => {
  const payload: Payload = { kind: 'stock-prices', bytes: 200 };
  const running = new AbortController().signal;

  test('of a whole feed is the one of its messages', async () => {
    const given: Feed = { kind: 'poisson', messagesPerSecond: 100 };
    const whole = await hashFeed({ feed: given, payload, durationNs: 3e9, seed: 5 }, running);
    expect(whole).toBe(scheduleHash(dueOffsetsNs(given, 3e9, 5), payload, 5));
  });

  test('of a long feed can be stopped', async () => {
    const stop = new AbortController();
    const endless: Feed = { kind: 'fixed', messagesPerSecond: 100_000 };
    const hashing = hashFeed({ feed: endless, payload, durationNs: 86_400e9, seed: 1 }, stop.signal);
    stop.abort();
    expect(await hashing).toBeUndefined();
  });

  test('is of the feed: the same one for the same, another for any difference', () => {
    const offsets = [0, 1000, 2000];
    const hash = scheduleHash(offsets, payload, 1);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(scheduleHash([...offsets], { ...payload }, 1)).toBe(hash);
    const others = [
      scheduleHash(offsets, payload, 2),
      scheduleHash([0, 1000, 2001], payload, 1),
      scheduleHash([0, 1000], payload, 1),
      scheduleHash(offsets, { ...payload, bytes: 201 }, 1),
      scheduleHash(offsets, { kind: 'match-scores', bytes: 200 }, 1),
    ];
    expect(new Set([hash, ...others]).size).toBe(others.length + 1);
  });

  test('is the one it was, so that results of different versions can be told to be of one feed', () => {
    const offsets = dueOffsetsNs({ kind: 'poisson', messagesPerSecond: 10 }, 2e9, 42);
    expect(scheduleHash(offsets, payload, 42)).toMatchInlineSnapshot(
      `"db33bb4378cbd90f2577caee593e0512378d4d5e6e1e28865bd73daaf5a79eae"`,
    );
  });
});
