import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CounterReadings } from './counter-readings.ts';

const SECOND = 1e9;
const BINS = { originNs: 10 * SECOND, binNs: SECOND, count: 4 };

function readings(...values: readonly (readonly [atSeconds: number, value: number])[]): CounterReadings {
  const counter = new CounterReadings();
  for (const [atSeconds, value] of values) counter.add(atSeconds * SECOND, value);
  return counter;
}

test('readings at the edges are what happened in the bins', () => {
  const counter = readings([10, 500], [11, 510], [12, 540], [13, 540], [14, 640]);
  expect(counter.perBin(BINS)).toEqual([10, 30, 0, 100]);
});

test('edges that come late in a bunch are spread over the time that they cover', () => {
  const counter = readings([10, 0], [13.5, 350], [13.5, 350], [13.5, 350], [14, 400]);
  expect(counter.perBin(BINS)).toEqual([100, 100, 100, 100]);
});

test('a last edge that comes late takes nothing in that was counted after the bins', () => {
  expect(readings([10, 0], [13, 300], [16, 600]).perBin(BINS)).toEqual([100, 100, 100, 100]);
});

test('a first edge that comes late finds its value between the readings around it', () => {
  expect(readings([8, 0], [12, 400], [13, 500], [14, 600]).perBin(BINS)).toEqual([100, 100, 100, 100]);
});

test('a value that falls adds nothing, and what comes after it counts', () => {
  expect(readings([10, 100], [11, 150], [12, 90], [13, 100], [14, 100]).perBin(BINS)).toEqual([50, 0, 10, 0]);
});

test('a single reading says nothing', () => {
  expect(readings([10, 5]).seen).toBe(false);
  expect(readings([10, 5], [11, 5]).seen).toBe(true);
});

test('whatever the moments of reading, a steady rate is found again to within rounding', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 6000 }), { minLength: 0, maxLength: 20 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (momentsMs, perMs) => {
        const ordered = [-1000, ...momentsMs.toSorted((a, b) => a - b), 7000];
        const counter = new CounterReadings();
        for (const atMs of ordered) counter.add(BINS.originNs + atMs * 1e6, atMs * perMs);
        const perBin = counter.perBin(BINS);
        expect(perBin.reduce((sum, value) => sum + value, 0)).toBe(4000 * perMs);
        for (const value of perBin) expect(Math.abs(value - 1000 * perMs)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test('after the last reading nothing is known to have been added, however many there were', () => {
  expect(readings([10, 0], [11, 5], [12, 9]).perBin(BINS)).toEqual([5, 4, 0, 0]);
});
