import { expect, test } from 'vitest';
import { Histogram } from '../../../scenarios/measures/histogram.ts';
import { mergeBins, Recorder } from '../../../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../../scenarios/units.ts';
import { ShownValues } from './shown-values.ts';

const ORIGIN_NS = 5e12;
const ANN = {};
const BEN = {};

/** Of each message whose it is, when it is due, and when it comes, in milliseconds. */
type Come = readonly [sender: object, dueMs: number, receivedMs: number];

function recorded(all: readonly Come[]): { readonly ages: number; readonly meanAgeMs: number; readonly maxMs: number } {
  const recorder = new Recorder({ originNs: ORIGIN_NS, binNs: 60 * NS_PER_SECOND, count: 1 });
  const shown = new ShownValues();
  for (const [sender, dueMs, receivedMs] of all) {
    const [dueNs, receivedNs] = [ORIGIN_NS + dueMs * NS_PER_MS, ORIGIN_NS + receivedMs * NS_PER_MS];
    shown.heard(sender, { dueNs, receivedNs }, recorder);
  }
  const { counters, histograms } = mergeBins(recorder.snapshot());
  const meanAgeMs = (((counters.shownAge ?? 0) / (counters.shownTime ?? 0)) * NS_PER_SECOND) / NS_PER_MS;
  const { ageReplaced } = histograms;
  const maxMs = ageReplaced === undefined ? 0 : Histogram.from(ageReplaced).maxNs / NS_PER_MS;
  return { ages: ageReplaced?.count ?? 0, meanAgeMs, maxMs };
}

const tenASecond = Array.from({ length: 101 }, (_, index) => index * 100);

test('what comes at once is half an interval old in the mean, and an interval when it is replaced', () => {
  const { ages, meanAgeMs, maxMs } = recorded(tenASecond.map((dueMs) => [ANN, dueMs, dueMs]));
  expect([ages, meanAgeMs]).toEqual([100, 50]);
  expect(maxMs).toBeCloseTo(100, 0);
});

test('what is late is so much older', () => {
  expect(recorded(tenASecond.map((dueMs) => [ANN, dueMs, dueMs + 7])).meanAgeMs).toBeCloseTo(57, 6);
});

test('by polls it makes no difference whether what nobody sees comes too', () => {
  // Every half second, 30 ms after a message was due.
  const arrival = (dueMs: number): number => Math.ceil((dueMs - 30) / 500) * 500 + 30;
  const all = tenASecond.map((dueMs): Come => [ANN, dueMs, arrival(dueMs)]);
  const newest = all.filter(([, , at], index) => all[index + 1]?.[2] !== at);
  expect(recorded(all)).toEqual(recorded(newest));
  // From 30 to 530 ms.
  expect(recorded(newest).meanAgeMs).toBeCloseTo(280, 6);
});

test('each sender is shown for itself, and an older value is not shown any more', () => {
  const ann: Come[] = [
    [ANN, 0, 1],
    [ANN, 200, 201],
  ];
  const mixed: Come[] = [
    [ANN, 0, 1],
    [BEN, 100, 101],
    [ANN, 200, 201],
    [ANN, 150, 260],
  ];
  expect(recorded(mixed)).toEqual(recorded(ann));
});

test('of a sender who spoke once nothing is known yet', () => {
  expect(recorded([[ANN, 0, 50]]).ages).toBe(0);
});
