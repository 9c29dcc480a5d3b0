import { setImmediate, setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

/** Timers fire on whole milliseconds, and up to one late; what is left is slept through on a futex. */
const TIMER_SLACK_MS = 1.5;
/** A futex wakes up to 50 µs late (timer slack, prctl(2)), so the last stretch is spun through. */
const FUTEX_SLACK_NS = 80_000;
const MOST_WITHOUT_YIELD_NS = NS_PER_MS;

const futex = new Int32Array(new SharedArrayBuffer(4));
let yieldedNs = 0;

/**
 * Returns as soon after `dueNs` as a process can: some microseconds, at the price of spinning for less than 0.1 ms. Or
 * before, where it is stopped while a timer runs.
 */
export async function waitUntil(dueNs: number, stop: AbortSignal): Promise<void> {
  const timerMs = Math.floor((dueNs - monotonicNs()) / NS_PER_MS - TIMER_SLACK_MS);
  if (timerMs >= 1) {
    await setTimeout(timerMs, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return;
    yieldedNs = monotonicNs();
  } else if (monotonicNs() - yieldedNs > MOST_WITHOUT_YIELD_NS) {
    // A schedule that leaves no time for a timer must not keep answers and commands from being heard.
    await setImmediate();
    yieldedNs = monotonicNs();
  }
  const sleepNs = dueNs - monotonicNs() - FUTEX_SLACK_NS;
  if (sleepNs > 0) Atomics.wait(futex, 0, 0, sleepNs / NS_PER_MS);
  while (monotonicNs() < dueNs);
}
