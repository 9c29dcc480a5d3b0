import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeAudits, SubscriberAudit } from './audit.ts';

function listen(seqs: readonly number[]): SubscriberAudit {
  const audit = new SubscriberAudit();
  for (const seq of seqs) audit.message(seq, true);
  return audit;
}

const CLEAN = { subscribers: 1, lost: 0, declaredLost: 0, duplicated: 0, reordered: 0, corrupted: 0, foreign: 0 };

test('every message once and in order is clean', () => {
  expect(listen([1, 2, 3, 4]).counts(4)).toEqual({ ...CLEAN, expected: 4, received: 4 });
});

/** What a network could do to a feed of 1..count: drop some, repeat some, move some behind later ones. */
const damage = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    dropped: fc.uniqueArray(fc.integer({ min: 1, max: count }), { maxLength: count }),
    repeated: fc.array(fc.integer({ min: 1, max: count }), { maxLength: 10 }),
  }),
);

test('injected losses and duplicates are reported exactly', () => {
  fc.assert(
    fc.property(damage, ({ count, dropped, repeated }) => {
      const gone = new Set(dropped);
      const arrived = Array.from({ length: count }, (_, index) => index + 1).filter((seq) => !gone.has(seq));
      const again = repeated.filter((seq) => !gone.has(seq));
      const counts = listen([...arrived, ...again]).counts(count);
      expect(counts.lost).toBe(gone.size);
      expect(counts.duplicated).toBe(again.length);
      expect(counts.reordered).toBe(0);
      expect(counts.received).toBe(arrived.length + again.length);
    }),
  );
});

test('any order of a whole feed loses and duplicates nothing', () => {
  const shuffled = fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: count }, (_, index) => index + 1),
      { minLength: count },
    ),
  );
  fc.assert(
    fc.property(shuffled, (seqs) => {
      const counts = listen(seqs).counts(seqs.length);
      const overtaken = seqs.filter((seq, index) => seqs.slice(0, index).some((earlier) => earlier > seq));
      expect(counts).toEqual({ ...CLEAN, expected: seqs.length, received: seqs.length, reordered: overtaken.length });
    }),
  );
});

test('a corrupted message has arrived, and is not lost too', () => {
  const audit = new SubscriberAudit();
  audit.message(1, true);
  audit.message(2, false);
  expect(audit.counts(2)).toEqual({ ...CLEAN, expected: 2, received: 2, corrupted: 1 });
});

test('a declared gap is lost, and said to be declared', () => {
  const audit = listen([1, 2]);
  audit.gap(3, 7);
  audit.message(8, true);
  expect(audit.counts(8)).toEqual({ ...CLEAN, expected: 8, received: 3, lost: 5, declaredLost: 5 });
});

test('a subscriber that got nothing lost everything', () => {
  expect(listen([]).counts(3).lost).toBe(3);
});

test('audits add up in any grouping', () => {
  const counts = [listen([1, 2, 2]), listen([2, 1]), listen([3])].map((audit) => audit.counts(3));
  const [first = mergeAudits([]), ...others] = counts;
  expect(mergeAudits(counts)).toEqual(mergeAudits([first, mergeAudits(others)]));
  expect(mergeAudits(counts)).toMatchObject({ subscribers: 3, expected: 9, received: 6, duplicated: 1, reordered: 1 });
  expect(mergeAudits([first])).toEqual(first);
});
