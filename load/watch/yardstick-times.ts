import type { TimeBins } from '../../scenarios/measures/recording.ts';
import type { PerBin } from './yardstick-messages.ts';

/** How long the fixed work took, each time that it was done. */
export class YardstickTimes {
  readonly #bins: TimeBins;
  readonly #timesNs: number[][];

  constructor(bins: TimeBins) {
    this.#bins = bins;
    this.#timesNs = Array.from({ length: bins.count }, () => []);
  }

  /** What was done before the bins or after them is in none. */
  add(atNs: number, tookNs: number): void {
    const { originNs, binNs } = this.#bins;
    this.#timesNs[Math.floor((atNs - originNs) / binNs)]?.push(tookNs);
  }

  /** Medians: a turn in which the core did something in between is none of its speed. */
  perBin(): PerBin {
    return this.#timesNs.map((timesNs) => {
      const sorted = timesNs.toSorted((a, b) => a - b);
      return sorted[sorted.length >> 1] ?? null;
    });
  }
}
