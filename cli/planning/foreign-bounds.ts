import { NS_PER_MS, NS_PER_SECOND, formatDuration } from '../../scenarios/units.ts';

/** What is asked of a machine that is not this one at most; less may be asked for. */
export const MOST_CLIENTS_OUTSIDE = 1000;
export const MOST_NS_OUTSIDE = 600 * NS_PER_SECOND;

interface Bound {
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
  readonly mostNs?: number;
}

/** As `stop`; and when the time for which a machine may be loaded is over, however long that was planned to take. */
export function boundedStop(
  { isLoopback }: { readonly isLoopback: boolean },
  { stop, say, mostNs = MOST_NS_OUTSIDE }: Bound,
): AbortSignal {
  if (isLoopback) return stop;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    if (stop.aborted) return;
    say(`stopping: ${formatDuration(mostNs)} are the most for a machine that is not this one`);
    controller.abort();
  }, mostNs / NS_PER_MS);
  // A run that ends before does not wait for it.
  timer.unref();
  return AbortSignal.any([stop, controller.signal]);
}
