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
import type { CoreSpeeds, Yardstick } from '../watch/yardstick.ts';

interface Watched {
  readonly watch: ProcessWatch;
  readonly network: Network;
  readonly yardstick: Yardstick;
}

/**
 * Looks from outside at the edge of each bin: what the processes used, what crossed the wire, what else the machine did.
 * Each reading carries its own moment, so an edge that comes late is attributed to the time that it covers.
 */
export class EdgeWatch {
  readonly #bins: TimeBins;
  readonly #watch: ProcessWatch;
  readonly #yardstick: Yardstick;
  readonly #cores: readonly number[];
  readonly #machine: MachineWatch;
  readonly #edgeLatenessNs: number[] = [];
  #otherRuns: Set<number> | null = new Set();
  #speeds: CoreSpeeds = null;
  #clock: BinClock | undefined;

  constructor({ watch, network, yardstick }: Watched, bins: TimeBins) {
    this.#bins = bins;
    this.#watch = watch;
    this.#yardstick = yardstick;
    this.#cores = coresOf(watch);
    this.#machine = new MachineWatch({
      readWire: network.readWire,
      readUpstream: network.readUpstream,
      cores: this.#cores,
    });
  }

  /** Before the first edge: one that comes late then lies between two readings too. */
  async begin(): Promise<void> {
    this.#lookForOthers();
    this.#machine.read();
    await Promise.all([this.#watch.read(), this.#yardstick.read()]);
  }

  start(): void {
    this.#yardstick.record(this.#bins);
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
    this.#speeds = await this.#yardstick.measured();
  }

  hasSeen(id: CounterId): boolean {
    return this.#machine.hasSeen(id);
  }

  recording(bins: TimeBins): Recording {
    const yardstickCpu = this.#yardstick.cpuNsPerBin(bins);
    return this.#machine.recording(bins).map(({ counters, ...bin }, index) => ({
      ...bin,
      counters: { ...counters, yardstickCpu: yardstickCpu[index] ?? 0 },
    }));
  }

  /** Over the bins that a trial has in the end; one that was cut may not have read its last edge any more. */
  account({ count }: TimeBins): MeasuredTrial['machine'] {
    return {
      cores: [...this.#cores],
      edgeLatenessNs: this.#edgeLatenessNs.slice(0, count + 1),
      otherRuns: this.#otherRuns === null ? null : [...this.#otherRuns],
      yardstick: this.#speeds?.map(({ core, perBinNs }) => ({ core, perBinNs: perBinNs.slice(0, count) })) ?? null,
    };
  }

  async #readEdge(edge: number): Promise<void> {
    this.#edgeLatenessNs[edge] = monotonicNs() - (this.#bins.originNs + edge * this.#bins.binNs);
    this.#machine.read();
    if (edge === 0) await this.#watch.read();
    else await this.#watch.endBin(edge - 1);
    await this.#yardstick.read();
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
