import { FEED_CHANNEL } from '../../scenarios/feed/channels.ts';
import { channelOf, encodeMessage, encodeNotice } from '../../scenarios/feed/message.ts';
import { ChannelNumbers } from './channel-numbers.ts';
import { DroppedNumbers } from './dropped-numbers.ts';

/** Where in the feed a client begins: with all there ever was, or behind a message that it has. */
export type Position = { readonly kind: 'oldest' } | { readonly kind: 'after'; readonly seq: number };

/** Where a client really goes on: behind `seq`, once it has been told `notice`. */
export interface Place {
  readonly seq: number;
  readonly notice: Entry | undefined;
}

export interface LogBounds {
  readonly messages: number;
  readonly bytes: number;
}

/** The log as a door reads it: all of it, or what is newest of each key (`latest-log.ts`). */
export interface ReadableLog {
  /** Number of the newest message that followers were told of; 0 before the first. */
  readonly latest: number;
  /** Whoever has everything below this number has missed nothing; above `latest` where nothing is held. */
  readonly oldest: number;
  /** The message that comes next for whoever has all up to `seq`; undefined where there is a gap before it, or none. */
  next(seq: number): Numbered | undefined;
  place(position: Position): Place;
  /** What a client at `position` gets: a notice where it has to be told something, and the messages from there on. */
  since(position: Position): Entry[];
  /** Calls `follower` with every entry to come, when `latest` is its number; the returned function ends that. */
  follow(follower: (entry: Entry) => void): () => void;
  /** Whoever asks now gets all that there is: nothing is held back any longer. */
  settle(): void;
}

/** One that can be read channel by channel. */
export interface ChannelledLog extends ReadableLog {
  /** The first message behind `seq` that is held of those in any of the channels; undefined where there is none. */
  nextIn(channels: ReadonlySet<string>, seq: number): Numbered | undefined;
  /** At least the newest message that is no longer held of those in any of the channels; 0 where there is none. */
  newestDropped(channels: Iterable<string>): number;
}

export interface Numbered {
  readonly seq: number;
  readonly entry: Entry;
}

/** What the log hands out: one message or one notice, encoded, as it goes over the wire. Never changed after it is made. */
export type Entry = Buffer;

/**
 * A client that asks for messages that are no longer held gets a `gap` notice and goes on with the oldest; one that is
 * ahead of the log (the feed was restarted, or this node is behind) gets a `reset` notice and goes on with what comes.
 */
export function placeIn({ oldest, latest }: Pick<ReadableLog, 'oldest' | 'latest'>, position: Position): Place {
  const seq = position.kind === 'after' ? position.seq : 0;
  if (seq > latest) return { seq: latest, notice: encodeNotice({ notice: 'reset', latest }) };
  if (seq + 1 >= oldest) return { seq, notice: undefined };
  return { seq: oldest - 1, notice: encodeNotice({ notice: 'gap', from: seq + 1, to: oldest - 1 }) };
}

/**
 * An append-only ring of messages with consecutive sequence numbers from 1, bounded in messages and bytes. Every door of
 * a node reads this one log; each message is encoded once, however many clients it goes to.
 */
export class Log implements ChannelledLog {
  readonly #bounds: LogBounds;
  readonly #entries: (Entry | undefined)[];
  readonly #followers = new Set<(entry: Entry) => void>();
  readonly #dropped = new DroppedNumbers();
  readonly #held = new ChannelNumbers();
  #oldest = 1;
  #latest = 0;
  #bytes = 0;

  constructor(bounds: LogBounds) {
    this.#bounds = bounds;
    this.#entries = Array.from({ length: bounds.messages });
  }

  get latest(): number {
    return this.#latest;
  }

  /** That of the oldest message that is held; the one to come where none is. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Takes message `seq`, which must follow the newest, and hands it to all followers. Throws RangeError otherwise. */
  append(seq: number, body: string): void {
    if (seq !== this.#latest + 1) throw new RangeError(`message ${seq} cannot follow ${this.#latest}`);
    const entry = encodeMessage(seq, body);
    this.#latest = seq;
    this.#bytes += entry.length;
    this.#held.add(numberedIn(entry), seq);
    if (this.#latest - this.#oldest >= this.#bounds.messages) this.#dropOldest();
    this.#entries[seq % this.#bounds.messages] = entry;
    while (this.#bytes > this.#bounds.bytes && this.#oldest < this.#latest) this.#dropOldest();
    for (const follower of this.#followers) follower(entry);
  }

  /** Goes on after `latest`; messages up to there are gone for good, and followers are told so. */
  skipTo(latest: number): void {
    const notice = encodeNotice({ notice: 'gap', from: this.#latest + 1, to: latest });
    this.#entries.fill(undefined);
    this.#dropped.all(latest);
    this.#held.clear();
    this.#bytes = 0;
    this.#latest = latest;
    this.#oldest = latest + 1;
    for (const follower of this.#followers) follower(notice);
  }

  /** Entry `seq`; undefined where it is no longer held, or not yet there. */
  entry(seq: number): Entry | undefined {
    return seq < this.#oldest || seq > this.#latest ? undefined : this.#entries[seq % this.#bounds.messages];
  }

  nextIn(channels: ReadonlySet<string>, seq: number): Numbered | undefined {
    const next = this.#held.next(channels, seq);
    const entry = next === undefined ? undefined : this.entry(next);
    return next === undefined || entry === undefined ? undefined : { seq: next, entry };
  }

  newestDropped(channels: Iterable<string>): number {
    return this.#dropped.newestOf(channels);
  }

  next(seq: number): Numbered | undefined {
    const entry = this.entry(seq + 1);
    return entry === undefined ? undefined : { seq: seq + 1, entry };
  }

  place(position: Position): Place {
    return placeIn(this, position);
  }

  since(position: Position): Entry[] {
    const { seq, notice } = this.place(position);
    const messages = this.#entriesFrom(seq + 1);
    return notice === undefined ? messages : [notice, ...messages];
  }

  follow(follower: (entry: Entry) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** It holds nothing back. */
  settle(): void {}

  #entriesFrom(first: number): Entry[] {
    const entries: Entry[] = [];
    for (let seq = first; seq <= this.#latest; seq++) {
      const entry = this.entry(seq);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #dropOldest(): void {
    const slot = this.#oldest % this.#bounds.messages;
    const entry = this.#entries[slot];
    if (entry !== undefined) {
      this.#bytes -= entry.length;
      const channel = numberedIn(entry);
      this.#dropped.add(channel, this.#oldest);
      this.#held.drop(channel);
    }
    this.#entries[slot] = undefined;
    this.#oldest += 1;
  }
}

/** Whoever follows the feed is to see what is no message: it has a number of it. */
export function numberedIn(entry: Entry): string {
  return channelOf(entry) ?? FEED_CHANNEL;
}
