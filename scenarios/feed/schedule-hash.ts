import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { payloadData } from './payload.ts';
import { dueTimes, type PlannedFeed } from './schedule.ts';

/**
 * SHA-256 over every due time and every payload: equal hashes are the same feed. Taken message by message, as the feed
 * is made or published. Apart from the schedule, which needs no Node.
 */
export class ScheduleHash {
  readonly #hash = createHash('sha256');

  add(offsetNs: number, data: string): void {
    this.#hash.update(`${offsetNs} ${data}\n`);
  }

  /** Ends it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Signals are heard this often. */
const WORK_MS = 20;

/** The hash of a whole feed, which may take a while; undefined where it is stopped. */
export async function hashFeed(
  { feed, payload, durationNs, seed }: PlannedFeed,
  stop?: AbortSignal,
): Promise<string | undefined> {
  const hash = new ScheduleHash();
  let index = 0;
  let pausedMs = performance.now();
  for (const offsetNs of dueTimes(feed, durationNs, seed)) {
    hash.add(offsetNs, payloadData(payload, seed, index));
    index += 1;
    if (performance.now() - pausedMs < WORK_MS) continue;
    await setImmediate();
    if (stop?.aborted === true) return undefined;
    pausedMs = performance.now();
  }
  return hash.digest();
}
