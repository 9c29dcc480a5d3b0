import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { COUNTER_IDS, GAUGE_IDS, HISTOGRAM_IDS } from './metrics.ts';
import { type Bin, EMPTY_BIN, mergeBins, mergeRecordings, Recorder, type Recording, timeBins } from './recording.ts';

const ORIGIN_NS = 5e12;
const bins = timeBins(ORIGIN_NS, 4e9);

/** What a process may see, each at a time from one bin before the first to one after the last. */
const happening = fc.record({
  atNs: fc.integer({ min: -1e9, max: 5e9 - 1 }).map((offset) => ORIGIN_NS + offset),
  amount: fc.integer({ min: 0, max: 1e9 }),
  what: fc.oneof(
    fc.record({ kind: fc.constant('histogram' as const), id: fc.constantFrom(...HISTOGRAM_IDS) }),
    fc.record({ kind: fc.constant('counter' as const), id: fc.constantFrom(...COUNTER_IDS) }),
    fc.record({ kind: fc.constant('gauge' as const), id: fc.constantFrom(...GAUGE_IDS) }),
  ),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
const happenings = fc.array(happening, { maxLength: 15 });

function take(recorder: Recorder, { atNs, amount, what }: Happening): void {
  if (what.kind === 'histogram') recorder.record(what.id, amount, atNs);
  else if (what.kind === 'counter') recorder.count(what.id, amount, atNs);
  else recorder.level(what.id, amount, atNs);
}

function record(all: readonly Happening[]): Recording {
  const recorder = new Recorder(bins);
  for (const one of all) take(recorder, one);
  return recorder.snapshot();
}

const recording = happenings.map(record);

describe('merging', () => {
  test('is associative and commutative, with the empty one as its identity', () => {
    fc.assert(
      fc.property(recording, recording, recording, (a, b, c) => {
        expect(mergeRecordings([a, b])).toEqual(mergeRecordings([b, a]));
        expect(mergeRecordings([mergeRecordings([a, b]), c])).toEqual(mergeRecordings([a, mergeRecordings([b, c])]));
        expect(mergeRecordings([a, []])).toEqual(a);
        expect(mergeRecordings([[], a])).toEqual(a);
        for (const bin of a) expect(mergeBins([EMPTY_BIN, bin, EMPTY_BIN])).toEqual(bin);
      }),
      { numRuns: 30 },
    );
    expect(mergeRecordings([])).toEqual([]);
    expect(mergeBins([])).toEqual(EMPTY_BIN);
  });

  test('of processes gives what one that saw it all would have, levels apart', () => {
    const noLevels = happenings.map((all) => all.filter(({ what }) => what.kind !== 'gauge'));
    fc.assert(
      fc.property(noLevels, noLevels, (a, b) => {
        expect(mergeRecordings([record(a), record(b)])).toEqual(record([...a, ...b]));
      }),
      { numRuns: 30 },
    );
  });

  test('adds levels up, and a level of zero is one', () => {
    const level = (value: number): Bin => ({ ...EMPTY_BIN, gauges: { connections: value } });
    expect(mergeBins([level(3), level(4)]).gauges).toEqual({ connections: 7 });
    expect(mergeBins([level(0), EMPTY_BIN]).gauges).toEqual({ connections: 0 });
  });

  test('takes a shorter recording as empty from its end on', () => {
    const bin = (published: number): Bin => ({ ...EMPTY_BIN, counters: { published } });
    expect(mergeRecordings([[bin(1)], [bin(2), bin(3)]])).toEqual([bin(3), bin(3)]);
  });
});

describe('the recorder', () => {
  test('puts a value into the bin of its moment', () => {
    const recorder = new Recorder(bins);
    recorder.record('staleness', 7, ORIGIN_NS + 1e9 - 1);
    recorder.record('staleness', 9, ORIGIN_NS + 1e9);
    const counts = recorder.snapshot().map(({ histograms }) => histograms.staleness?.maxNs);
    expect(counts).toEqual([7, 9, undefined, undefined]);
  });

  test('keeps every value, from outside in the nearest bin', () => {
    const recorder = new Recorder(bins);
    recorder.record('delivery', 1, ORIGIN_NS - 1);
    recorder.record('delivery', 2, ORIGIN_NS + 100e9);
    const [first, , , last] = recorder.snapshot();
    expect([first?.histograms.delivery?.count, last?.histograms.delivery?.count]).toEqual([1, 1]);
  });

  test('adds counts up in their bin and leaves out those from outside', () => {
    const recorder = new Recorder(bins);
    for (const offset of [-1, 0, 999_999_999, 3_999_999_999, 4e9]) recorder.count('answers', 2, ORIGIN_NS + offset);
    expect(recorder.snapshot().map(({ counters }) => counters.answers)).toEqual([4, undefined, undefined, 2]);
  });

  test('keeps the last level of a bin, zero too', () => {
    const recorder = new Recorder(bins);
    recorder.level('connections', 5, ORIGIN_NS);
    recorder.level('connections', 3, ORIGIN_NS + 1);
    recorder.level('connections', 0, ORIGIN_NS + 2e9);
    expect(recorder.snapshot().map(({ gauges }) => gauges)).toEqual([{ connections: 3 }, {}, { connections: 0 }, {}]);
  });

  test('goes between processes as it is', () => {
    fc.assert(
      fc.property(recording, (taken) => {
        const text = JSON.stringify(taken);
        expect(JSON.parse(text)).toEqual(taken);
      }),
      { numRuns: 20 },
    );
  });

  test('keeps what a histogram alone would have kept', () => {
    const recorder = new Recorder(bins);
    const histogram = new Histogram();
    for (const value of [5, 1e6, 2e9]) {
      recorder.record('lateness', value, ORIGIN_NS);
      histogram.record(value);
    }
    expect(recorder.snapshot()[0]?.histograms.lateness).toEqual(histogram.snapshot());
  });
});

describe('time bins', () => {
  test.each([
    [1, 1e9, 1],
    [1e9, 1e9, 1],
    [1e9 + 1, 1e9, 2],
    [120e9, 1e9, 120],
    [121e9, 2e9, 61],
    [3600e9, 30e9, 120],
  ])('of %d ns are %d ns wide, %d of them', (durationNs, binNs, count) => {
    expect(timeBins(7, durationNs)).toEqual({ originNs: 7, binNs, count });
  });

  test('cover the duration with whole seconds, 120 at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * 3600e9 }), (durationNs) => {
        const { binNs, count } = timeBins(0, durationNs);
        expect(binNs % 1e9).toBe(0);
        expect(count).toBeLessThanOrEqual(120);
        expect(binNs * count).toBeGreaterThanOrEqual(durationNs);
        expect(binNs * (count - 1)).toBeLessThan(durationNs);
      }),
    );
  });
});
