import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fitLine,
  highestSupported,
  isSupported,
  percentileAt,
  percentileInterval,
  percentilePosition,
  supportText,
} from './statistics.ts';

test.each([
  [50, 20, true],
  [50, 19, false],
  [90, 100, true],
  [99, 1000, true],
  [99, 999, false],
  [99.9, 10_000, true],
  [99.99, 100_000, true],
])('p%d of %d messages: supported is %s', (percentile, samples, supported) => {
  expect(isSupported(percentile, samples)).toBe(supported);
});

test('the highest supported percentile is supported, and nothing above it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 11, max: 10_000_000 }), (samples) => {
      const highest = highestSupported(samples);
      expect(isSupported(highest, samples)).toBe(true);
      expect(isSupported(highest + (100 - highest) / 100, samples)).toBe(false);
    }),
  );
});

test('the text never promises more than the samples hold', () => {
  fc.assert(
    fc.property(fc.integer({ min: 11, max: 10_000_000 }), (samples) => {
      const promised = Number(/up to ([\d.]+)$/.exec(supportText(samples))?.[1]);
      expect(promised).toBeGreaterThanOrEqual(0);
      expect(isSupported(promised, samples)).toBe(true);
    }),
  );
});

test.each([
  [420, '420 messages support percentiles up to 97.6'],
  [1000, '1,000 messages support percentiles up to 99'],
  [54, '54 messages support percentiles up to 81.4'],
  [2350, '2,350 messages support percentiles up to 99.57'],
  [10_000, '10,000 messages support percentiles up to 99.9'],
  [234_567, '234,567 messages support percentiles up to 99.9957'],
  [10, '10 messages support no percentile'],
  [1, '1 message supports no percentile'],
])('%d samples in words', (samples, text) => {
  expect(supportText(samples)).toBe(text);
});

test.each([
  [50, 300],
  [99, 1000],
  [75, 54],
  [90, 3000],
])(
  'the interval of p%d of %d samples holds it 19 times out of 20, and is no wider than that takes',
  (percentile, samples) => {
    const [low = Number.NaN, high = Number.NaN] = percentileInterval(percentile, samples);
    // Of the ordered samples, number `first` is the lowest in the interval, and number `last` the highest.
    const first = Math.round((low / 100) * samples) + 1;
    const last = Math.round((high / 100) * samples);
    const probability = (from: number, to: number): number => binomial(from, to, { samples, share: percentile / 100 });
    expect(probability(first, last - 1)).toBeGreaterThanOrEqual(0.95);
    expect(probability(0, first - 1)).toBeLessThanOrEqual(0.025);
    expect(probability(0, first)).toBeGreaterThan(0.025);
    expect(probability(last, samples)).toBeLessThanOrEqual(0.025);
    expect(probability(last - 1, samples)).toBeGreaterThan(0.025);
  },
);

/** How probable it is that `from` to `to` of the samples hit; the factorials as sums of logarithms. */
function binomial(from: number, to: number, { samples, share }: { samples: number; share: number }): number {
  const logFactorials = [0];
  for (let n = 1; n <= samples; n++) logFactorials.push((logFactorials[n - 1] ?? 0) + Math.log(n));
  let sum = 0;
  for (let hits = from; hits <= to; hits++) {
    const logWays = (logFactorials[samples] ?? 0) - (logFactorials[hits] ?? 0) - (logFactorials[samples - hits] ?? 0);
    sum += Math.exp(logWays + hits * Math.log(share) + (samples - hits) * Math.log(1 - share));
  }
  return sum;
}

test('what may lie beyond all samples has no bound there', () => {
  // 0.99^367 is 0.0250 and a little more, 0.99^368 a little less.
  expect(percentileInterval(99, 367)[1]).toBeUndefined();
  expect(percentileInterval(99, 368)[1]).toBe(100);
  expect(percentileInterval(99, 8)).toEqual([75, undefined]);
  expect(percentileInterval(1, 367)[0]).toBeUndefined();
  expect(percentileInterval(1, 368)[0]).toBe(0);
  expect(percentileInterval(50, 0)).toEqual([undefined, undefined]);
});

test('positions give each nine the same room, and lead back to the percentile', () => {
  expect([90, 99, 99.9].map((percentile) => Math.round(percentilePosition(percentile) * 1e6) / 1e6)).toEqual([1, 2, 3]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 99.999, noNaN: true }), (percentile) => {
      expect(percentileAt(percentilePosition(percentile))).toBeCloseTo(percentile, 8);
    }),
  );
});

test('a line through points, with the error of its slope', () => {
  expect(fitLine([0, 1, 2, 3], [5, 7, 9, 11])).toEqual({ start: 5, slope: 2, slopeError: 0 });
  // By hand: residuals ±1 around y = x + 1, Σ(x − 1.5)² = 5, so √(4 ÷ 2 ÷ 5) where slope and start do not move.
  const line = fitLine([0, 1, 2, 3], [2, 1, 2, 5]);
  expect(line?.slope).toBeCloseTo(1);
  expect(line?.start).toBeCloseTo(1);
  expect(line?.slopeError).toBeCloseTo(Math.sqrt(4 / 2 / 5));
});

test.each([[[]], [[1, 2]], [[3, 3, 3]]])('there is no line through points at %j', (xs) => {
  expect(fitLine(xs, xs)).toBeUndefined();
});
