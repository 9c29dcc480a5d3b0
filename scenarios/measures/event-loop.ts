import { type EventLoopUtilization, type ELDHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { monotonicNs } from '../clock.ts';
import { NS_PER_MS } from '../units.ts';

export interface EventLoopReport {
  readonly delayP50Ns: number;
  readonly delayP99Ns: number;
  readonly delayMaxNs: number;
  /** Share of the time in which the loop was busy with something else than waiting, 0..1. */
  readonly utilization: number;
}

const RESOLUTION_MS = 10;

/**
 * How late this process's event loop was over a window. Node's monitor measures the distance between its own ticks, so
 * every value holds the resolution itself; it is subtracted.
 */
export class EventLoopMonitor {
  readonly #delay: ELDHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #since: EventLoopUtilization = performance.eventLoopUtilization();
  #lateStartNs = 0;
  #waitedNs = 0;
  #sinceNs = monotonicNs();
  #taken: EventLoopReport | undefined;

  constructor() {
    this.#delay.enable();
  }

  /**
   * Takes the report over [startNs, endNs) on the monotonic clock, by timers that do not keep the process alive. How late
   * they ring counts too: a loop that stood still at either end of the window may have no tick in it that tells.
   */
  watch(startNs: number, endNs: number): void {
    at(startNs, (lateNs) => {
      this.#reset();
      this.#lateStartNs = lateNs;
    });
    at(endNs, (lateNs) => {
      const seen = this.#read();
      this.#taken = { ...seen, delayMaxNs: Math.max(seen.delayMaxNs, this.#lateStartNs, lateNs) };
    });
  }

  /** A turn of the loop, so long, in which nothing was done but to look at the clock: to Node that is work. */
  waited(turnNs: number): void {
    this.#waitedNs += turnNs;
  }

  report(): EventLoopReport {
    return this.#taken ?? this.#read();
  }

  #reset(): void {
    this.#delay.reset();
    this.#since = performance.eventLoopUtilization();
    this.#sinceNs = monotonicNs();
    this.#waitedNs = 0;
  }

  #read(): EventLoopReport {
    const { utilization } = performance.eventLoopUtilization(this.#since);
    const waited = this.#waitedNs / Math.max(1, monotonicNs() - this.#sinceNs);
    return {
      delayP50Ns: beyondResolution(this.#delay.percentile(50)),
      delayP99Ns: beyondResolution(this.#delay.percentile(99)),
      delayMaxNs: beyondResolution(this.#delay.max),
      utilization: Math.max(0, utilization - waited),
    };
  }
}

function at(momentNs: number, act: (lateNs: number) => void): void {
  setTimeout(() => act(Math.max(0, monotonicNs() - momentNs)), (momentNs - monotonicNs()) / NS_PER_MS).unref();
}

function beyondResolution(valueNs: number): number {
  return Math.max(0, valueNs - RESOLUTION_MS * NS_PER_MS);
}
