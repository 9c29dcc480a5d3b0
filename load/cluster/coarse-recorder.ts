import type { HistogramId } from '../../scenarios/measures/metrics.ts';
import { Recorder, type TimeBins } from '../../scenarios/measures/recording.ts';

/** Keeps no latency finer than the clocks are known: each is the nearest multiple of their error bound, one at least. */
export class CoarseRecorder extends Recorder {
  readonly #boundNs: number;

  constructor(bins: TimeBins, boundNs: number) {
    super(bins);
    this.#boundNs = Math.max(1, boundNs);
  }

  override record(id: HistogramId, valueNs: number, atNs: number): void {
    super.record(id, Math.max(1, Math.round(valueNs / this.#boundNs)) * this.#boundNs, atNs);
  }
}
