import { createHash } from 'node:crypto';
import { payloadData } from './payload.ts';
import { derivedRandom } from './random.ts';
import { NS_PER_SECOND } from './units.ts';
import type { Feed, Payload } from './workload.ts';

/** Stream number of the arrivals, apart from those of the messages' payloads, which count from 0. */
const ARRIVALS = -2;

/**
 * When each message is due, in nanoseconds from the start of the feed, in order, all below `durationNs`. A pure
 * function: a longer duration has the shorter one's times as its beginning. Fixed feeds are multiplied, not
 * accumulated, so no rounding drifts; Poisson feeds have exponential gaps from the seed.
 */
export function dueOffsetsNs(feed: Feed, durationNs: number, seed: number): number[] {
  return feed.kind === 'fixed'
    ? fixedOffsets(feed.messagesPerSecond, durationNs)
    : poissonOffsets(feed.messagesPerSecond, durationNs, seed);
}

function fixedOffsets(messagesPerSecond: number, durationNs: number): number[] {
  const count = Math.ceil((durationNs * messagesPerSecond) / NS_PER_SECOND);
  return Array.from({ length: count }, (_, index) => Math.round((index * NS_PER_SECOND) / messagesPerSecond)).filter(
    (offset) => offset < durationNs,
  );
}

function poissonOffsets(messagesPerSecond: number, durationNs: number, seed: number): number[] {
  const random = derivedRandom(seed, ARRIVALS);
  const offsets: number[] = [];
  let elapsed = 0;
  for (;;) {
    elapsed -= Math.log(1 - random()) / messagesPerSecond;
    const offset = Math.round(elapsed * NS_PER_SECOND);
    if (offset >= durationNs) return offsets;
    offsets.push(offset);
  }
}

/** SHA-256 over every due time and every payload: equal hashes are the same feed. */
export function scheduleHash(offsetsNs: readonly number[], payload: Payload, seed: number): string {
  const hash = createHash('sha256');
  for (const [index, offset] of offsetsNs.entries()) hash.update(`${offset} ${payloadData(payload, seed, index)}\n`);
  return hash.digest('hex');
}
