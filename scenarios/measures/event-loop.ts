import { type EventLoopUtilization, type ELDHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { monotonicNs } from '../clock.ts';
import { NS_PER_MS } from '../units.ts';

export interface EventLoopReport {
  readonly delayP50Ns: number;
  readonly delayP99Ns: number;
  readonly delayMaxNs: number;
  /** Share of the time in which the loop was busy, 0..1. */
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

  report(): EventLoopReport {
    return this.#taken ?? this.#read();
  }

  #reset(): void {
    this.#delay.reset();
    this.#since = performance.eventLoopUtilization();
  }

  #read(): EventLoopReport {
    return {
      delayP50Ns: beyondResolution(this.#delay.percentile(50)),
      delayP99Ns: beyondResolution(this.#delay.percentile(99)),
      delayMaxNs: beyondResolution(this.#delay.max),
      utilization: performance.eventLoopUtilization(this.#since).utilization,
    };
  }
}

function at(momentNs: number, act: (lateNs: number) => void): void {
  setTimeout(() => act(Math.max(0, monotonicNs() - momentNs)), (momentNs - monotonicNs()) / NS_PER_MS).unref();
}

function beyondResolution(valueNs: number): number {
  return Math.max(0, valueNs - RESOLUTION_MS * NS_PER_MS);
}
