import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, mergeAudits, NOTHING_SAID, SubscriberAudit } from './audit.ts';

function listen(seqs: readonly number[]): SubscriberAudit {
  const audit = new SubscriberAudit();
  for (const seq of seqs) audit.message(seq, 'right');
  return audit;
}

const CLEAN = {
  subscribers: 1,
  lost: 0,
  declaredLost: 0,
  leftOut: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  misplaced: 0,
  foreign: 0,
  ...NOTHING_SAID,
};

test('every message once and in order is clean', () => {
  expect(listen([1, 2, 3, 4]).counts(4)).toEqual({ ...CLEAN, expected: 4, received: 4 });
});

const MOST = 30;
const seq = fc.integer({ min: 1, max: MOST });
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom<Arrival>('right'), seq }) },
  fc.record({ kind: fc.constantFrom<Arrival>('corrupted', 'misplaced'), seq }),
  fc.record({ kind: fc.constant('gap' as const), from: seq, to: seq }),
  fc.record({ kind: fc.constant('foreign' as const) }),
);
type Event = typeof event extends fc.Arbitrary<infer One> ? One : never;

function follow(events: readonly Event[]): SubscriberAudit {
  const audit = new SubscriberAudit();
  for (const one of events) {
    if (one.kind === 'gap') audit.gap(one.from, one.to);
    else if (one.kind === 'foreign') audit.foreign();
    else audit.message(one.seq, one.kind);
  }
  return audit;
}

function seqsOf(events: readonly Event[], kind: Arrival): number[] {
  return events.flatMap((one) => (one.kind === kind ? [one.seq] : []));
}

describe('whatever comes, in whatever order', () => {
  /** Messages in order for the most part, then anything. */
  const story = fc.record({
    begun: fc
      .nat({ max: MOST })
      .map((count) => Array.from({ length: count }, (_, index): Event => ({ kind: 'right', seq: index + 1 }))),
    rest: fc.array(event, { maxLength: 40 }),
    published: fc.integer({ min: 0, max: MOST }),
  });

  test('each count is what its words say', () => {
    fc.assert(
      fc.property(story, ({ begun, rest, published }) => {
        const events = [...begun, ...rest];
        const right = seqsOf(events, 'right');
        const corrupted = seqsOf(events, 'corrupted');
        const expected = Array.from({ length: published }, (_, index) => index + 1);
        const lost = expected.filter((one) => !right.includes(one) && !corrupted.includes(one));
        const firsts = right.filter((one, index) => right.indexOf(one) === index);
        expect(follow(events).counts(published)).toEqual({
          subscribers: 1,
          expected: published,
          received: right.length + corrupted.length + seqsOf(events, 'misplaced').length,
          lost: lost.length,
          declaredLost: lost.filter((one) =>
            events.some((told) => told.kind === 'gap' && one >= told.from && one <= told.to),
          ).length,
          leftOut: 0,
          duplicated: right.length - firsts.length,
          reordered: firsts.filter((one, index) => firsts.slice(0, index).some((earlier) => earlier > one)).length,
          corrupted: corrupted.length,
          misplaced: seqsOf(events, 'misplaced').length,
          foreign: events.filter(({ kind }) => kind === 'foreign').length,
          ...NOTHING_SAID,
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('what is expected either came or is lost, and no more is declared than lost', () => {
    fc.assert(
      fc.property(story, ({ begun, rest, published }) => {
        const events = [...begun, ...rest];
        const { expected, lost, declaredLost } = follow(events).counts(published);
        const came = new Set([...seqsOf(events, 'right'), ...seqsOf(events, 'corrupted')]);
        expect(expected).toBe([...came].filter((one) => one <= published).length + lost);
        expect(declaredLost).toBeLessThanOrEqual(lost);
      }),
      { numRuns: 1000 },
    );
  });

  test('the position never moves back, and no notice moves it', () => {
    fc.assert(
      fc.property(story, ({ begun, rest }) => {
        const events = [...begun, ...rest];
        expect(follow(events).latest).toBe(Math.max(0, ...seqsOf(events, 'right')));
      }),
    );
  });
});

test('a corrupted message has arrived, and is not lost too', () => {
  const audit = listen([1]);
  audit.message(2, 'corrupted');
  audit.message(3, 'right');
  expect(audit.counts(3)).toEqual({ ...CLEAN, expected: 3, received: 3, corrupted: 1 });
});

test('a misplaced message fills no number: what belongs there is lost unless it comes as well', () => {
  const audit = listen([1, 2]);
  audit.message(3, 'misplaced');
  audit.message(4, 'right');
  audit.message(5, 'misplaced');
  audit.message(5, 'right');
  expect(audit.counts(5)).toEqual({ ...CLEAN, expected: 5, received: 6, misplaced: 2, lost: 1 });
});

test('a corrupted number decides nothing', () => {
  const audit = listen([1, 2]);
  for (const number of [0, 900, 2]) audit.message(number, 'corrupted');
  for (const number of [3, 4]) audit.message(number, 'right');
  expect(audit.counts(4)).toEqual({ ...CLEAN, expected: 4, received: 7, corrupted: 3 });
});

test('of a declared gap, what had come is not lost', () => {
  const audit = listen([1, 2, 3, 4, 5]);
  audit.gap(3, 7);
  audit.message(8, 'right');
  expect(audit.counts(8)).toEqual({ ...CLEAN, expected: 8, received: 6, lost: 2, declaredLost: 2 });
});

test('what was declared and comes all the same is neither lost nor late', () => {
  const audit = listen([1, 2]);
  for (const [from, to] of [
    [3, 5],
    [4, 6],
  ] as const)
    audit.gap(from, to);
  for (const number of [3, 4, 5, 6]) audit.message(number, 'right');
  expect(audit.counts(6)).toEqual({ ...CLEAN, expected: 6, received: 6 });
});

test('a gap that is none declares nothing', () => {
  const audit = listen([1]);
  audit.gap(4, 2);
  expect(audit.counts(5)).toEqual({ ...CLEAN, expected: 5, received: 1, lost: 4 });
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

test('what one of them did not look at is not known of all', () => {
  const counts = listen([1]).counts(1);
  expect(mergeAudits([counts, { ...counts, corrupted: null }, counts])).toMatchObject({ corrupted: null, lost: 0 });
});

test('who lacks a message has not all up to it, and has when it comes', () => {
  const audit = listen([1, 2, 4]);
  expect([2, 3, 4].map((number) => audit.hasUpTo(number))).toEqual([true, false, false]);
  audit.message(3, 'right');
  expect(audit.hasUpTo(4)).toBe(true);
});
