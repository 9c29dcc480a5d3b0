import { derivedRandom } from './random.ts';
import { NS_PER_SECOND } from '../units.ts';
import type { Feed } from './workload.ts';

/** Stream number of the arrivals, apart from those of the messages' payloads, which count from 0. */
const ARRIVALS = -2;

/**
 * When each message is due, in nanoseconds from the start of the feed, in order, all below `durationNs`. A pure
 * function: a longer duration has the shorter one's times as its beginning. Fixed feeds are multiplied, not
 * accumulated, so no rounding drifts, and begin half an interval in: on whole seconds everything else happens that is
 * done once a second, sampling among it. Poisson feeds have exponential gaps from the seed. This file imports nothing of
 * Node, so that a generator with a runtime of its own can take its times from here too.
 */
export function dueOffsetsNs(feed: Feed, durationNs: number, seed: number): number[] {
  return feed.kind === 'fixed'
    ? fixedOffsets(feed.messagesPerSecond, durationNs)
    : poissonOffsets(feed.messagesPerSecond, durationNs, seed);
}

function fixedOffsets(messagesPerSecond: number, durationNs: number): number[] {
  const count = Math.ceil((durationNs * messagesPerSecond) / NS_PER_SECOND);
  return Array.from({ length: count }, (_, index) =>
    Math.round(((index + 0.5) * NS_PER_SECOND) / messagesPerSecond),
  ).filter((offset) => offset < durationNs);
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
