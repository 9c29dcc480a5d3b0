import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram as Hdr } from 'hdr-histogram-js';

/**
 * Ten minutes is room for what is usual; a longer latency gives its histogram room for all there can be, 104 days. Two
 * sizes, not one for each longest value, so that what was recorded decides the encoding and not in which order.
 */
export const USUAL_NS = 600e9;

/**
 * A histogram of nanoseconds as data: merges, travels between processes, is kept in the result file. `encoded` is the
 * HdrHistogram V2 compressed format in base64, three significant digits; sum and extremes are exact.
 */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sumNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly encoded: string;
}

export class Histogram {
  #hdr = buildHdr(USUAL_NS);
  #mostNs = USUAL_NS;
  count = 0;
  sumNs = 0;
  minNs = Number.POSITIVE_INFINITY;
  maxNs = 0;

  static from(snapshot: HistogramSnapshot): Histogram {
    const histogram = new Histogram();
    histogram.add(snapshot);
    return histogram;
  }

  /** `valueNs` is an integer, 0 or more, and safe (Number.MAX_SAFE_INTEGER). */
  record(valueNs: number): void {
    if (valueNs > this.#mostNs) this.#grow();
    this.#hdr.recordValue(valueNs);
    this.count += 1;
    this.sumNs += valueNs;
    if (valueNs < this.minNs) this.minNs = valueNs;
    if (valueNs > this.maxNs) this.maxNs = valueNs;
  }

  /** Throws where `encoded` is not an HdrHistogram. */
  add(snapshot: HistogramSnapshot): void {
    if (snapshot.count === 0) return;
    if (snapshot.maxNs > this.#mostNs) this.#grow();
    this.#hdr.add(decodeFromCompressedBase64(snapshot.encoded, 32, false));
    this.count += snapshot.count;
    this.sumNs += snapshot.sumNs;
    this.minNs = Math.min(this.minNs, snapshot.minNs);
    this.maxNs = Math.max(this.maxNs, snapshot.maxNs);
  }

  get meanNs(): number {
    return this.count === 0 ? Number.NaN : this.sumNs / this.count;
  }

  /** `percentile` in 0..100; NaN where nothing was recorded. Never outside the exact extremes. */
  percentileNs(percentile: number): number {
    if (this.count === 0) return Number.NaN;
    return Math.min(Math.max(this.#hdr.getValueAtPercentile(percentile), this.minNs), this.maxNs);
  }

  snapshot(): HistogramSnapshot {
    if (this.count === 0) return EMPTY_HISTOGRAM;
    const { count, sumNs, minNs, maxNs } = this;
    return { count, sumNs, minNs, maxNs, encoded: encodeIntoCompressedBase64(this.#hdr) };
  }

  #grow(): void {
    const larger = buildHdr(Number.MAX_SAFE_INTEGER);
    larger.add(this.#hdr);
    this.#hdr = larger;
    this.#mostNs = Number.MAX_SAFE_INTEGER;
  }
}

export const EMPTY_HISTOGRAM: HistogramSnapshot = { count: 0, sumNs: 0, minNs: 0, maxNs: 0, encoded: '' };

export function mergeHistograms(snapshots: Iterable<HistogramSnapshot>): HistogramSnapshot {
  const merged = new Histogram();
  for (const snapshot of snapshots) merged.add(snapshot);
  return merged.snapshot();
}

function buildHdr(mostNs: number): Hdr {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: mostNs, numberOfSignificantValueDigits: 3 });
}
