import { monotonicNs } from '../../scenarios/clock.ts';
import type { TimeBins } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

export interface BinClock {
  /** Resolves after the last bin has ended, or when the clock was stopped; rejects with what `onEdge` threw. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Calls `onEdge(0)` when the first bin begins and `onEdge(k)` when the k-th has ended, one after the other. */
export function startBinClock(bins: TimeBins, onEdge: (edge: number) => Promise<void> | void): BinClock {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function schedule(edge: number): void {
    if (stopped || edge > bins.count) {
      resolve();
      return;
    }
    const edgeNs = bins.originNs + edge * bins.binNs;
    // Rounded up: a timer with a fraction of a millisecond would ring before the bin has ended.
    timer = setTimeout(() => void ring(edge), Math.max(0, Math.ceil((edgeNs - monotonicNs()) / NS_PER_MS)));
  }

  async function ring(edge: number): Promise<void> {
    try {
      await onEdge(edge);
      schedule(edge + 1);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  schedule(0);
  return {
    done: promise,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      resolve();
    },
  };
}
