import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_HISTOGRAM, Histogram, type HistogramSnapshot, mergeHistograms, USUAL_NS } from './histogram.ts';

const valueNs = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 2e9 }),
  fc.integer({ min: USUAL_NS - 2, max: USUAL_NS + 2 }),
  fc.maxSafeInteger().map((value) => Math.abs(value) % (2 * USUAL_NS)),
  // Hours; as many as there can be here still have an exact sum.
  fc.integer({ min: USUAL_NS, max: 30_000e9 }),
);
const values = fc.array(valueNs, { maxLength: 60 });

function recorded(of: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of of) histogram.record(value);
  return histogram;
}

const snapshotOf = (of: readonly number[]): HistogramSnapshot => recorded(of).snapshot();

/** The nearest-rank percentile of the values themselves. */
function exact(of: readonly number[], percentile: number): number {
  const sorted = of.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? Number.NaN;
}

describe('merging', () => {
  test('is associative and commutative', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [x, y, z] = [snapshotOf(a), snapshotOf(b), snapshotOf(c)];
        expect(mergeHistograms([x, y])).toEqual(mergeHistograms([y, x]));
        expect(mergeHistograms([mergeHistograms([x, y]), z])).toEqual(mergeHistograms([x, mergeHistograms([y, z])]));
      }),
      { numRuns: 40 },
    );
  });

  test('with the empty one changes nothing', () => {
    fc.assert(
      fc.property(values, (of) => {
        const snapshot = snapshotOf(of);
        expect(mergeHistograms([snapshot, EMPTY_HISTOGRAM])).toEqual(snapshot);
        expect(mergeHistograms([EMPTY_HISTOGRAM, snapshot])).toEqual(snapshot);
      }),
      { numRuns: 40 },
    );
    expect(mergeHistograms([])).toEqual(EMPTY_HISTOGRAM);
  });

  test('gives what recording all of it in one would have', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (parts) => {
        expect(mergeHistograms(parts.map(snapshotOf))).toEqual(snapshotOf(parts.flat()));
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is kept', () => {
  test('count, sum and extremes are exact', () => {
    fc.assert(
      fc.property(
        values.filter(({ length }) => length > 0),
        (of) => {
          const { count, sumNs, minNs, maxNs } = snapshotOf(of);
          const sum = of.reduce((total, value) => total + value, 0);
          expect([count, sumNs, minNs, maxNs]).toEqual([of.length, sum, Math.min(...of), Math.max(...of)]);
        },
      ),
    );
  });

  test('percentiles are within a thousandth of those of the values, before and after travelling', () => {
    fc.assert(
      fc.property(
        values.filter(({ length }) => length > 0),
        fc.constantFrom(0, 1, 50, 90, 99, 99.9, 100),
        (of, percentile) => {
          const histogram = recorded(of);
          const found = histogram.percentileNs(percentile);
          const wanted = exact(of, percentile);
          expect(found).toBeGreaterThanOrEqual(wanted);
          expect(found).toBeLessThanOrEqual(wanted * 1.001);
          expect(Histogram.from(histogram.snapshot()).percentileNs(percentile)).toBe(found);
        },
      ),
    );
  });

  test('an hour is an hour in every percentile, and not the bound of a histogram', () => {
    const hourNs = 3600e9;
    const seen = snapshotOf([1e9, 2 * hourNs, hourNs, 3 * hourNs, hourNs]);
    const merged = Histogram.from(mergeHistograms([snapshotOf([1e6, 2e6]), seen, snapshotOf([30 * 24 * hourNs])]));
    const hours = [50, 75, 100].map((percentile) => merged.percentileNs(percentile) / hourNs);
    for (const [index, wanted] of [1, 2, 720].entries()) expect(hours[index]).toBeCloseTo(wanted, 2);
  });

  test('nothing is nothing', () => {
    const histogram = new Histogram();
    expect(histogram.snapshot()).toEqual(EMPTY_HISTOGRAM);
    expect(histogram.percentileNs(50)).toBeNaN();
    expect(histogram.meanNs).toBeNaN();
  });

  test('what is no histogram is refused', () => {
    expect(() => Histogram.from({ count: 1, sumNs: 1, minNs: 1, maxNs: 1, encoded: 'bm90IG9uZQ==' })).toThrow(
      'only V2 is supported',
    );
  });
});
