import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberRanges } from './number-ranges.ts';

const number = fc.integer({ min: 1, max: 40 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), from: number, to: number }),
  fc.record({ kind: fc.constant('remove' as const), number }),
);
const steps = fc.array(step, { maxLength: 40 });

interface Walked {
  readonly ranges: NumberRanges;
  /** The same by a set of single numbers. */
  readonly singles: Set<number>;
  /** Whether each removal found its number, told by both. */
  readonly removals: readonly (readonly [byRanges: boolean, bySingles: boolean])[];
}

function walk(of: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): Walked {
  const ranges = new NumberRanges();
  const singles = new Set<number>();
  const removals: [boolean, boolean][] = [];
  for (const one of of) {
    if (one.kind === 'remove') removals.push([ranges.remove(one.number), singles.delete(one.number)]);
    else {
      ranges.add(one.from, one.to);
      for (let added = one.from; added <= one.to; added++) singles.add(added);
    }
  }
  return { ranges, singles, removals };
}

test('hold the numbers that single ones would', () => {
  fc.assert(
    fc.property(steps, number, number, (of, from, to) => {
      const { ranges, singles, removals } = walk(of);
      expect(removals.every(([byRanges, bySingles]) => byRanges === bySingles)).toBe(true);
      expect(ranges.countWithin(from, to)).toBe([...singles].filter((one) => one >= from && one <= to).length);
    }),
    { numRuns: 1000 },
  );
});

test('share the numbers that both have', () => {
  fc.assert(
    fc.property(steps, steps, number, (left, right, most) => {
      const [one, other] = [walk(left), walk(right)];
      const shared = [...one.singles.intersection(other.singles)].filter((both) => both <= most).length;
      expect(one.ranges.countShared(other.ranges, most)).toBe(shared);
      expect(other.ranges.countShared(one.ranges, most)).toBe(shared);
    }),
    { numRuns: 1000 },
  );
});

test('a copy goes its own way', () => {
  const { ranges } = walk([{ kind: 'add', from: 3, to: 7 }]);
  const copy = ranges.copy();
  copy.add(8, 9);
  ranges.remove(5);
  expect([ranges.countWithin(1, 40), copy.countWithin(1, 40)]).toEqual([4, 7]);
});
