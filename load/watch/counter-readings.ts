import type { TimeBins } from '../../scenarios/measures/recording.ts';

/**
 * A counter of the system, read now and then. What it was between two readings lies on the line between them, so a
 * reading that comes late, because its reader was stopped, is spread over the time that it covers.
 */
export class CounterReadings {
  readonly #readings: { readonly atNs: number; readonly total: number }[] = [];
  #lastValue: number | undefined;

  /** In the order of time. A value that falls (a thread that ends takes its account along) adds nothing. */
  add(atNs: number, value: number): void {
    const total = this.#readings.at(-1)?.total ?? 0;
    this.#readings.push({ atNs, total: total + Math.max(0, value - (this.#lastValue ?? value)) });
    this.#lastValue = value;
  }

  get seen(): boolean {
    return this.#readings.length > 1;
  }

  /** Of each bin, in whole numbers that add up to what was counted in all. */
  perBin({ originNs, binNs, count }: TimeBins): number[] {
    const totals = Array.from({ length: count + 1 }, (_, edge) => Math.round(this.#totalAt(originNs + edge * binNs)));
    return totals.slice(1).map((total, bin) => total - (totals[bin] ?? 0));
  }

  /** Since the first reading; before it and after the last one nothing is known to have been added. */
  #totalAt(atNs: number): number {
    const after = this.#readings.findIndex((reading) => reading.atNs >= atNs);
    const next = this.#readings[after];
    if (next === undefined) return this.#readings.at(-1)?.total ?? 0;
    const before = this.#readings[after - 1];
    if (before === undefined) return next.total;
    return before.total + ((next.total - before.total) * (atNs - before.atNs)) / (next.atNs - before.atNs);
  }
}
