import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure, type FailureCode } from '../../scenarios/failures.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

interface Limit {
  readonly ms: number;
  readonly code: FailureCode;
  /** One line: what did not happen, and what to do. */
  readonly message: string;
}

/** A timer that rings later than this did so because this process was stopped, or its machine was. */
const STOPPED_MS = 1000;

/** Ends whatever is awaited when something else has gone wrong meanwhile, or when it takes too long. */
export class Guard {
  readonly #trouble = Promise.withResolvers<never>();

  constructor() {
    // Trouble that nobody waits for at that moment is met by the next `wait`.
    this.#trouble.promise.catch(() => undefined);
  }

  /** The first trouble wins: what follows it is mostly its consequence. */
  readonly report = (error: Error): void => this.#trouble.reject(error);

  /** What is awaited ends where `stop` is aborted, until the returned function is called. */
  endOn(stop: AbortSignal): () => void {
    const end = (): void => this.report(new Failure('interrupted', 'stopped before anything was measured'));
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { once: true });
    return () => stop.removeEventListener('abort', end);
  }

  async wait<T>(awaited: Promise<T>, limit: Limit): Promise<T> {
    const late = Promise.withResolvers<never>();
    const stopTimer = callAfter(limit.ms, () => late.reject(new Failure(limit.code, limit.message)));
    try {
      return await Promise.race([awaited, this.#trouble.promise, late.promise]);
    } finally {
      stopTimer();
    }
  }
}

/** Time in which this process stood still does not count: what it waits for may have come long ago, and is not read yet. */
function callAfter(ms: number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = (afterMs: number): void => {
    const dueNs = monotonicNs() + afterMs * NS_PER_MS;
    timer = setTimeout(() => {
      const lateMs = (monotonicNs() - dueNs) / NS_PER_MS;
      if (lateMs > STOPPED_MS) arm(Math.min(lateMs, ms));
      else act();
    }, afterMs);
  };
  arm(ms);
  return () => clearTimeout(timer);
}
