import { monotonicNs } from '../../scenarios/clock.ts';
import type { CounterId } from '../../scenarios/measures/metrics.ts';
import type { Recording, TimeBins } from '../../scenarios/measures/recording.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { type BinClock, startBinClock } from '../machine/bin-clock.ts';
import { MachineWatch } from '../watch/machine-watch.ts';
import type { Network } from '../machine/network.ts';
import { otherRuns } from '../watch/other-runs.ts';
import { allowedCores } from '../machine/placement.ts';
import type { ProcessWatch } from '../watch/process-watch.ts';

/**
 * Looks from outside at the edge of each bin: what the processes used, what crossed the wire, what else the machine did.
 * Each reading carries its own moment, so an edge that comes late is attributed to the time that it covers.
 */
export class EdgeWatch {
  readonly #bins: TimeBins;
  readonly #watch: ProcessWatch;
  readonly #cores: readonly number[];
  readonly #machine: MachineWatch;
  readonly #edgeLatenessNs: number[] = [];
  #otherRuns: Set<number> | null = new Set();
  #clock: BinClock | undefined;

  constructor({ watch, network }: { watch: ProcessWatch; network: Network }, bins: TimeBins) {
    this.#bins = bins;
    this.#watch = watch;
    this.#cores = coresOf(watch);
    this.#machine = new MachineWatch({ readWire: network.readWire, cores: this.#cores });
  }

  /** Before the first edge: one that comes late then lies between two readings too. */
  async begin(): Promise<void> {
    this.#lookForOthers();
    this.#machine.read();
    await this.#watch.read();
  }

  start(): void {
    this.#clock = startBinClock(this.#bins, async (edge) => this.#readEdge(edge));
  }

  /** Resolves after the last edge, or when it was stopped. */
  get done(): Promise<void> {
    return this.#clock?.done ?? Promise.resolve();
  }

  stop(): void {
    this.#clock?.stop();
  }

  /** After the last edge, or the last that came: what was counted up to now is known. */
  async end(): Promise<void> {
    await this.begin();
  }

  hasSeen(id: CounterId): boolean {
    return this.#machine.hasSeen(id);
  }

  recording(bins: TimeBins): Recording {
    return this.#machine.recording(bins);
  }

  /** Over the bins that a trial has in the end; one that was cut may not have read its last edge any more. */
  account({ count }: TimeBins): MeasuredTrial['machine'] {
    return {
      cores: [...this.#cores],
      edgeLatenessNs: this.#edgeLatenessNs.slice(0, count + 1),
      otherRuns: this.#otherRuns === null ? null : [...this.#otherRuns],
      yardstick: null,
    };
  }

  async #readEdge(edge: number): Promise<void> {
    this.#edgeLatenessNs[edge] = monotonicNs() - (this.#bins.originNs + edge * this.#bins.binNs);
    this.#machine.read();
    if (edge === 0) await this.#watch.read();
    else await this.#watch.endBin(edge - 1);
  }

  #lookForOthers(): void {
    const others = otherRuns();
    if (others === null) this.#otherRuns = null;
    else for (const pid of others) this.#otherRuns?.add(pid);
  }
}

/** All of them where something is not pinned. */
function coresOf({ processes }: ProcessWatch): number[] {
  const pins = processes.map(({ cores }) => cores);
  return pins.some((cores) => cores.length === 0) ? allowedCores() : [...new Set(pins.flat())];
}
