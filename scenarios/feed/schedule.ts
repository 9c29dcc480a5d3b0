import { derivedRandom } from './random.ts';
import { NS_PER_SECOND } from '../units.ts';
import { messagesOfTurns } from './turns.ts';
import type { ConversationFeed, Feed, StreamsFeed } from './kinds/feed-schemas.ts';
import { partsOfStreams } from './kinds/streams.ts';
import type { Payload } from './workload.ts';

/** All that the messages of a trial follow from, but for the moment at which the feed begins. */
export interface PlannedFeed {
  readonly feed: Feed;
  readonly payload: Payload;
  readonly seed: number;
  readonly durationNs: number;
  /** How many take part, of an addressed feed: who says what to whom depends on it, and no time does. */
  readonly clients?: number;
}

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
  return [...dueTimes(feed, durationNs, seed)];
}

/** The same one by one: a schedule can be longer than memory. */
export function dueTimes(feed: Feed, durationNs: number, seed: number): Generator<number, undefined> {
  switch (feed.kind) {
    case 'fixed':
    case 'rounds':
      return fixedTimes(feed.messagesPerSecond, durationNs);
    case 'poisson':
    case 'direct':
      return poissonTimes(feed.messagesPerSecond, durationNs, seed);
    case 'conversation':
      return conversationTimes(feed, durationNs, seed);
    case 'streams':
      return streamTimes(feed, durationNs, seed);
    case 'none':
      return noTimes();
    default:
      return feed satisfies never;
  }
}

/** How many messages are due before `durationNs`: by formula where there is one. */
export function countDue(feed: Feed, durationNs: number, seed: number): number {
  if (feed.kind === 'fixed' || feed.kind === 'rounds') return fixedCount(feed.messagesPerSecond, durationNs);
  let count = 0;
  for (const _ of dueTimes(feed, durationNs, seed)) count += 1;
  return count;
}

function fixedOffset(messagesPerSecond: number, index: number): number {
  return Math.round(((index + 0.5) * NS_PER_SECOND) / messagesPerSecond);
}

/** The formula can be one off at the very end, where an offset is rounded. */
function fixedCount(messagesPerSecond: number, durationNs: number): number {
  let count = Math.max(0, Math.ceil((durationNs * messagesPerSecond) / NS_PER_SECOND) - 1);
  while (fixedOffset(messagesPerSecond, count) < durationNs) count += 1;
  return count;
}

// oxlint-disable-next-line require-yield -- Nothing is ever due.
function* noTimes(): Generator<number, undefined> {
  return undefined;
}

function* fixedTimes(messagesPerSecond: number, durationNs: number): Generator<number, undefined> {
  const count = fixedCount(messagesPerSecond, durationNs);
  for (let index = 0; index < count; index++) yield fixedOffset(messagesPerSecond, index);
}

function* poissonTimes(messagesPerSecond: number, durationNs: number, seed: number): Generator<number, undefined> {
  const random = derivedRandom(seed, ARRIVALS);
  let elapsed = 0;
  for (;;) {
    elapsed -= Math.log(1 - random()) / messagesPerSecond;
    const offset = Math.round(elapsed * NS_PER_SECOND);
    if (offset >= durationNs) return;
    yield offset;
  }
}

function* streamTimes(feed: StreamsFeed, durationNs: number, seed: number): Generator<number, undefined> {
  for (const { offsetNs } of partsOfStreams(feed, seed)) {
    if (offsetNs >= durationNs) return;
    yield offsetNs;
  }
}

function* conversationTimes(feed: ConversationFeed, durationNs: number, seed: number): Generator<number, undefined> {
  for (const { offsetNs } of messagesOfTurns(feed, seed)) {
    if (offsetNs >= durationNs) return;
    yield offsetNs;
  }
}
