import { channelOf } from '../../scenarios/feed/message.ts';
import {
  type ChannelledLog,
  type Entry,
  type Numbered,
  type Place,
  placeIn,
  type Position,
  type ReadableLog,
} from './log.ts';

/**
 * The log as one client reads it: the messages of the channels that it follows, under the numbers that they have. What is in no
 * other channel of it is no gap. `channels` is looked at with every message, so it may change.
 */
export class SubscribedLog implements ReadableLog {
  readonly #log: ChannelledLog;
  readonly #channels: ReadonlySet<string>;

  constructor(log: ChannelledLog, channels: ReadonlySet<string>) {
    this.#log = log;
    this.#channels = channels;
  }

  get latest(): number {
    return this.#log.latest;
  }

  get oldest(): number {
    return this.#log.newestDropped(this.#channels) + 1;
  }

  next(seq: number): Numbered | undefined {
    return seq + 1 < this.oldest ? undefined : this.#log.nextIn(this.#channels, seq);
  }

  place(position: Position): Place {
    this.settle();
    return placeIn(this, position);
  }

  since(position: Position): Entry[] {
    const { seq, notice } = this.place(position);
    const entries = notice === undefined ? [] : [notice];
    for (let next = this.next(seq); next !== undefined; next = this.next(next.seq)) entries.push(next.entry);
    return entries;
  }

  follow(follower: (entry: Entry) => void): () => void {
    return this.#log.follow((entry) => {
      if (this.#follows(entry)) follower(entry);
    });
  }

  settle(): void {
    this.#log.settle();
  }

  /** What is no message is for all. */
  #follows(entry: Entry): boolean {
    const channel = channelOf(entry);
    return channel === undefined || this.#channels.has(channel);
  }
}
