import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
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
  [10, '10 messages support no percentile'],
  [1, '1 message supports no percentile'],
])('%d samples in words', (samples, text) => {
  expect(supportText(samples)).toBe(text);
});

test.each([
  [50, 300],
  [99, 1000],
  [75, 54],
])('the interval of p%d of %d samples holds it 19 times out of 20', (percentile, samples) => {
  const [low, high] = percentileInterval(percentile, samples);
  // How many samples lie below the true percentile is binomial.
  const between = Array.from({ length: samples + 1 }, (_, below) => below).filter(
    (below) => below >= (low / 100) * samples && below <= (high / 100) * samples,
  );
  const coverage = between.reduce((sum, below) => sum + binomial(below, samples, percentile / 100), 0);
  expect(coverage).toBeGreaterThan(0.93);
  expect(coverage).toBeLessThan(0.97);
});

test('an interval ends where there is nothing beyond', () => {
  expect(percentileInterval(99, 8)[1]).toBe(100);
  expect(percentileInterval(1, 8)[0]).toBe(0);
});

function binomial(hits: number, samples: number, share: number): number {
  let logWays = 0;
  for (let hit = 1; hit <= hits; hit++) logWays += Math.log((samples - hits + hit) / hit);
  return Math.exp(logWays + hits * Math.log(share) + (samples - hits) * Math.log(1 - share));
}

test('positions give each nine the same room, and lead back to the percentile', () => {
  expect([90, 99, 99.9].map((percentile) => Math.round(percentilePosition(percentile) * 1e6) / 1e6)).toEqual([1, 2, 3]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 99.999, noNaN: true }), (percentile) => {
      expect(percentileAt(percentilePosition(percentile))).toBeCloseTo(percentile, 8);
    }),
  );
});
