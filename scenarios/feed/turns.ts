import { NS_PER_SECOND } from '../units.ts';
import { derivedRandom } from './random.ts';
import type { ConversationFeed } from './kinds/feed-schemas.ts';

/**
 * When something is said in a conversation, whoever says it, however many take part. People write in turns: nothing, then some
 * messages in a row. Turns begin at random (Poisson), all from the seed. It imports nothing of Node.
 */
export interface Turn {
  /** From 0 on. */
  readonly number: number;
  /** From now on somebody writes, in nanoseconds from the start of the feed. */
  readonly startNs: number;
  /** When each of its messages is due, in order. */
  readonly messagesNs: readonly number[];
}

/** One message of a turn. */
export interface TurnMessage {
  readonly offsetNs: number;
  readonly turn: Turn;
}

/** Stream numbers, apart from those of arrivals (-2), poll phases (-3) and payloads, which count from 0. */
const STARTS = -4;
const MESSAGES = -5;

/** From the first letter to the first message, and from one message in a row to the next. */
const WRITING_NS = { least: 0.5 * NS_PER_SECOND, most: 1.5 * NS_PER_SECOND };
const PAUSE_NS = { least: 0.1 * NS_PER_SECOND, most: 0.4 * NS_PER_SECOND };

/** A seed of its own for a stream of streams. */
export function streamSeed(seed: number, stream: number): number {
  return Math.floor(derivedRandom(seed, stream)() * 2 ** 32);
}

/** Turns in the order in which they begin, without an end. */
export function* turnsOf({ messagesPerSecond, burst }: ConversationFeed, seed: number): Generator<Turn, never> {
  const starts = derivedRandom(seed, STARTS);
  const messagesSeed = streamSeed(seed, MESSAGES);
  const turnsPerSecond = messagesPerSecond / ((1 + burst) / 2);
  let elapsedSeconds = 0;
  for (let number = 0; ; number++) {
    elapsedSeconds -= Math.log(1 - starts()) / turnsPerSecond;
    const startNs = Math.round(elapsedSeconds * NS_PER_SECOND);
    const random = derivedRandom(messagesSeed, number);
    const within = ({ least, most }: typeof PAUSE_NS): number => Math.round(least + random() * (most - least));
    const messagesNs = [startNs + within(WRITING_NS)];
    const count = 1 + Math.floor(random() * burst);
    while (messagesNs.length < count) messagesNs.push((messagesNs.at(-1) ?? 0) + within(PAUSE_NS));
    yield { number, startNs, messagesNs };
  }
}

/** The messages of all turns in the order in which they are due; of those due at one moment, the earlier turn's first. */
export function* messagesOfTurns(feed: ConversationFeed, seed: number): Generator<TurnMessage, never> {
  const turns = turnsOf(feed, seed);
  const waiting: TurnMessage[] = [];
  for (;;) {
    const turn = turns.next().value;
    // Nothing of this turn, or of a later one, is due before it begins.
    while (waiting[0] !== undefined && waiting[0].offsetNs < turn.startNs) {
      yield waiting[0];
      waiting.shift();
    }
    for (const offsetNs of turn.messagesNs) {
      const after = waiting.findLastIndex((other) => other.offsetNs <= offsetNs);
      waiting.splice(after + 1, 0, { offsetNs, turn });
    }
  }
}
