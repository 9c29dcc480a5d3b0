import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { payloadKey } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { SubscriberAudit, type SubscriberCounts } from './audit.ts';
import type { Expected } from './expectation.ts';
import { Replacements, replacementsIn } from './replacements.ts';

const MESSAGES = 60;
const feed: Expected = {
  feed: { kind: 'poisson', messagesPerSecond: 60 },
  payload: { kind: 'stock-prices', bytes: 200 },
  seed: 5,
  durationNs: 2 * NS_PER_SECOND,
  messages: MESSAGES,
};
const dueNs = dueOffsetsNs(feed.feed, feed.durationNs, feed.seed).slice(0, MESSAGES);
const keys = dueNs.map((_, index) => payloadKey(feed.payload.kind, feed.seed, index));

function audit(seqs: readonly number[], withinNs: number, published = MESSAGES): SubscriberCounts {
  const subscriber = new SubscriberAudit();
  for (const seq of seqs) subscriber.message(seq, 'right');
  return subscriber.counts(published, Replacements.inFeed(feed, withinNs));
}

/** By the definition, one message at a time. */
function leftOutOf(seqs: readonly number[], withinNs: number, published: number): number[] {
  const due = (seq: number): number => dueNs[seq - 1] ?? Number.NaN;
  return Array.from({ length: published }, (_, index) => index + 1).filter(
    (seq) =>
      !seqs.includes(seq) &&
      seqs.some(
        (newer) =>
          newer > seq && newer <= published && keys[newer - 1] === keys[seq - 1] && due(newer) - due(seq) <= withinNs,
      ),
  );
}

/** The newest of each key among the messages. */
function newestOf(first: number, last: number): number[] {
  const seqs = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return seqs.filter((seq) => !keys.slice(seq, last).includes(keys[seq - 1] ?? ''));
}

describe('of what did not come', () => {
  test('that was left out on purpose for which a newer one of its key came in time; all else is lost', () => {
    const seqs = fc.uniqueArray(fc.integer({ min: 1, max: MESSAGES }), { maxLength: MESSAGES });
    const withinNs = fc.integer({ min: 0, max: NS_PER_SECOND });
    fc.assert(
      fc.property(seqs, withinNs, fc.integer({ min: 1, max: MESSAGES }), (came, within, published) => {
        const known = came.filter((seq) => seq <= published);
        const leftOut = leftOutOf(known, within, published).length;
        const counts = audit(known, within, published);
        expect([counts.leftOut, counts.lost]).toEqual([leftOut, published - known.length - leftOut]);
      }),
      { numRuns: 500 },
    );
  });

  test('nothing is lost where windows of any length end with the newest of each key', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        const came: number[] = [];
        let from = 1;
        for (const length of lengths) {
          const to = Math.min(MESSAGES, from + length - 1);
          came.push(...newestOf(from, to));
          from = to + 1;
        }
        expect(audit(came, 2 * NS_PER_SECOND, from - 1)).toMatchObject({ lost: 0, reordered: 0, duplicated: 0 });
      }),
    );
  });
});

describe('a server is found out', () => {
  const all = newestOf(1, MESSAGES);

  test('that drops the last value of a key', () => {
    for (const dropped of all) {
      const rest = all.filter((seq) => seq !== dropped);
      // With it, all that it would have replaced.
      const ofKey = keys.filter((key) => key === keys[dropped - 1]).length;
      expect(audit(rest, 9 * NS_PER_SECOND)).toMatchObject({ lost: ofKey, leftOut: MESSAGES - ofKey - rest.length });
    }
  });

  test('that sends nothing but the last message', () => {
    const last = keys.at(-1);
    const ofKey = keys.filter((key) => key === last).length;
    expect(audit([MESSAGES], 9 * NS_PER_SECOND)).toMatchObject({ leftOut: ofKey - 1, lost: MESSAGES - ofKey });
    // Nor does a value of now make up for those of long ago.
    expect(audit([MESSAGES], 100 * NS_PER_MS).lost).toBeGreaterThan(MESSAGES - ofKey);
  });

  test('that sends an older value after a newer one, whether the older one had come before or not', () => {
    const [newest = 0] = all;
    const older = keys.indexOf(keys[newest - 1] ?? '') + 1;
    expect(older).toBeLessThan(newest);
    expect(audit([...all, older], 9 * NS_PER_SECOND)).toMatchObject({ reordered: 1, lost: 0 });
    expect(audit([older, ...all, older], 9 * NS_PER_SECOND)).toMatchObject({ duplicated: 1, lost: 0 });
  });
});

test('where all have to come, nothing replaces anything', () => {
  expect(replacementsIn(feed)).toBeUndefined();
  expect(replacementsIn({ ...feed, replacedWithinNs: 5 })).toBeInstanceOf(Replacements);
});

test('a newer one is in time up to the very nanosecond', () => {
  const older = keys.findIndex((key, index) => keys.indexOf(key, index + 1) > 0) + 1;
  const newer = keys.indexOf(keys[older - 1] ?? '', older) + 1;
  const apartNs = (dueNs[newer - 1] ?? 0) - (dueNs[older - 1] ?? 0);
  const others = keys.map((_, index) => index + 1).filter((seq) => seq !== older);
  expect(audit(others, apartNs)).toMatchObject({ leftOut: 1, lost: 0 });
  expect(audit(others, apartNs - 1)).toMatchObject({ leftOut: 0, lost: 1 });
});

describe('a state', () => {
  const replacements = Replacements.inFeed(feed, NS_PER_SECOND);
  const latest = fc.integer({ min: 1, max: MESSAGES });

  test('that holds the newest of each key lacks nothing, whatever it holds besides and in whatever order', () => {
    expect(replacements.lackingOf({ seqs: [], oldest: 1 })).toEqual([]);
    const more = fc.array(fc.integer({ min: 1, max: MESSAGES }), { maxLength: 3 });
    fc.assert(
      fc.property(latest, more, fc.boolean(), (last, older, isTurned) => {
        const newest = newestOf(1, last);
        expect(replacements.lackingOf({ seqs: newest, oldest: 1 })).toEqual([]);
        const seqs = [...newest, ...older.filter((seq) => seq <= last)];
        expect(replacements.lackingOf({ seqs: isTurned ? seqs.toReversed() : seqs, oldest: 1 })).toEqual([]);
      }),
    );
  });

  test('lacks what is the newest of its key as far as it goes and is not there, unless it is said to be gone', () => {
    const gone = fc.uniqueArray(fc.integer({ min: 1, max: MESSAGES }), { maxLength: 6 });
    fc.assert(
      fc.property(latest, gone, fc.integer({ min: 1, max: MESSAGES + 1 }), (last, without, oldest) => {
        const newest = newestOf(1, last);
        const seqs = newest.filter((seq) => seq === last || !without.includes(seq));
        const lacking = newest.filter((seq) => !seqs.includes(seq));
        expect(replacements.lackingOf({ seqs, oldest: 1 })).toEqual(lacking);
        expect(replacements.lackingOf({ seqs, oldest })).toEqual(lacking.filter((seq) => seq >= oldest));
      }),
    );
  });

  test('with numbers that no message has lacks what the others would', () => {
    expect(replacements.lackingOf({ seqs: [...newestOf(1, MESSAGES), MESSAGES + 7], oldest: 1 })).toEqual([]);
    expect(replacements.lackingOf({ seqs: [MESSAGES + 7], oldest: 1 })).toEqual(newestOf(1, MESSAGES));
  });
});
