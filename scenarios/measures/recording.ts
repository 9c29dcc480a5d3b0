import { Histogram, type HistogramSnapshot, mergeHistograms } from './histogram.ts';
import { type CounterId, COUNTER_IDS, type GaugeId, GAUGE_IDS, type HistogramId, HISTOGRAM_IDS } from './metrics.ts';
import { NS_PER_SECOND } from '../units.ts';

/** A trial's time cut into equal bins, counted from the moment the feed starts. */
export interface TimeBins {
  readonly originNs: number;
  readonly binNs: number;
  readonly count: number;
}

const MOST_BINS = 120;

/** One second a bin up to two minutes; then wider, so that memory has a bound however long a trial lasts. */
export function timeBins(originNs: number, durationNs: number): TimeBins {
  const binNs = Math.ceil(durationNs / (MOST_BINS * NS_PER_SECOND)) * NS_PER_SECOND;
  return { originNs, binNs, count: Math.ceil(durationNs / binNs) };
}

/** What happened in one bin. Snapshots of processes, bins and trials merge with `mergeBins`. */
export interface Bin {
  readonly histograms: Partial<Record<HistogramId, HistogramSnapshot>>;
  readonly counters: Partial<Record<CounterId, number>>;
  readonly gauges: Partial<Record<GaugeId, number>>;
}

/** Sparse: a bin in which nothing happened is an empty one. */
export type Recording = readonly Bin[];

export const EMPTY_BIN: Bin = { histograms: {}, counters: {}, gauges: {} };

/**
 * Takes what happens in one process, in the bin of its moment. A histogram's value or a level from outside the bins falls
 * into the nearest; a count from outside is left out, because there it would be taken for the rate of that bin.
 */
export class Recorder {
  readonly #bins: TimeBins;
  readonly #histograms = new Map<HistogramId, (Histogram | undefined)[]>();
  readonly #counters = new Map<CounterId, Float64Array>();
  readonly #gauges = new Map<GaugeId, Float64Array>();

  constructor(bins: TimeBins) {
    this.#bins = bins;
    for (const id of HISTOGRAM_IDS) this.#histograms.set(id, []);
    for (const id of COUNTER_IDS) this.#counters.set(id, new Float64Array(bins.count));
    for (const id of GAUGE_IDS) this.#gauges.set(id, new Float64Array(bins.count).fill(Number.NaN));
  }

  record(id: HistogramId, valueNs: number, atNs: number): void {
    const histograms = this.#histograms.get(id);
    if (histograms === undefined) throw new TypeError(`no histogram is called ${id}`);
    const index = this.#index(atNs);
    let histogram = histograms[index];
    if (histogram === undefined) {
      histogram = new Histogram();
      histograms[index] = histogram;
    }
    histogram.record(valueNs);
  }

  count(id: CounterId, amount: number, atNs: number): void {
    const counts = this.#counters.get(id);
    if (counts === undefined || atNs < this.#bins.originNs) return;
    const index = Math.floor((atNs - this.#bins.originNs) / this.#bins.binNs);
    if (index < counts.length) counts[index] = (counts[index] ?? 0) + amount;
  }

  level(id: GaugeId, value: number, atNs: number): void {
    const levels = this.#gauges.get(id);
    if (levels !== undefined) levels[this.#index(atNs)] = value;
  }

  snapshot(): Recording {
    return Array.from({ length: this.#bins.count }, (_, index) => ({
      histograms: Object.fromEntries(
        HISTOGRAM_IDS.flatMap((id) => {
          const histogram = this.#histograms.get(id)?.[index];
          return histogram === undefined ? [] : [[id, histogram.snapshot()]];
        }),
      ),
      counters: figures(COUNTER_IDS, (id) => counted(this.#counters.get(id)?.[index])),
      // A level that was read as 0 is one; one that was never read is not there.
      gauges: figures(GAUGE_IDS, (id) => known(this.#gauges.get(id)?.[index])),
    }));
  }

  #index(atNs: number): number {
    const index = Math.floor((atNs - this.#bins.originNs) / this.#bins.binNs);
    return Math.max(0, Math.min(this.#bins.count - 1, index));
  }
}

/** Associative and commutative, with EMPTY_BIN as its identity (stated as properties in the tests). */
export function mergeBins(bins: readonly Bin[]): Bin {
  return {
    histograms: Object.fromEntries(
      HISTOGRAM_IDS.flatMap((id) => {
        const present = bins.flatMap((bin) => bin.histograms[id] ?? []);
        return present.length === 0 ? [] : [[id, mergeHistograms(present)]];
      }),
    ),
    counters: figures(COUNTER_IDS, (id) => counted(sum(bins.map((bin) => bin.counters[id])))),
    gauges: figures(GAUGE_IDS, (id) => sum(bins.map((bin) => bin.gauges[id]))),
  };
}

/** The figures of those ids that have one. */
function figures<Id extends string>(
  ids: readonly Id[],
  figureOf: (id: Id) => number | undefined,
): Partial<Record<Id, number>> {
  const found: Partial<Record<Id, number>> = {};
  for (const id of ids) {
    const figure = figureOf(id);
    if (figure !== undefined) found[id] = figure;
  }
  return found;
}

function counted(amount: number | undefined): number | undefined {
  return amount === 0 ? undefined : amount;
}

function known(level: number | undefined): number | undefined {
  return Number.isNaN(level) ? undefined : level;
}

/** Undefined where none of them is there. */
function sum(parts: readonly (number | undefined)[]): number | undefined {
  const there = parts.filter((part) => part !== undefined);
  return there.length === 0 ? undefined : there.reduce((total, part) => total + part, 0);
}

/** Bin by bin over processes; a recording that is shorter counts as empty from there on. */
export function mergeRecordings(recordings: readonly Recording[]): Recording {
  const length = Math.max(0, ...recordings.map((recording) => recording.length));
  return Array.from({ length }, (_, index) => mergeBins(recordings.map((recording) => recording[index] ?? EMPTY_BIN)));
}
