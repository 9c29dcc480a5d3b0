import { encodeMessage, encodeNotice } from '../../scenarios/feed/message.ts';

/** Where in the feed a client wants to begin: with what comes, with all there ever was, or behind a message it has. */
export type Position =
  | { readonly kind: 'now' }
  | { readonly kind: 'oldest' }
  | { readonly kind: 'after'; readonly seq: number };

export interface LogBounds {
  readonly messages: number;
  readonly bytes: number;
}

/** What the log hands out: one message or one notice, encoded, as it goes over the wire. Never changed after it is made. */
export type Entry = Buffer;

/**
 * An append-only ring of messages with consecutive sequence numbers from 1, bounded in messages and bytes. Every door of
 * a node reads this one log; each message is encoded once, however many clients it goes to.
 */
export class Log {
  readonly #bounds: LogBounds;
  readonly #entries: (Entry | undefined)[];
  readonly #followers = new Set<(entry: Entry) => void>();
  #oldest = 1;
  #latest = 0;
  #bytes = 0;

  constructor(bounds: LogBounds) {
    this.#bounds = bounds;
    this.#entries = Array.from({ length: bounds.messages });
  }

  /** Sequence number of the newest message; 0 before the first. */
  get latest(): number {
    return this.#latest;
  }

  /** Takes message `seq`, which must follow the newest, and hands it to all followers. Throws RangeError otherwise. */
  append(seq: number, body: string): void {
    if (seq !== this.#latest + 1) throw new RangeError(`message ${seq} cannot follow ${this.#latest}`);
    const entry = encodeMessage(seq, body);
    this.#latest = seq;
    this.#bytes += entry.length;
    if (this.#latest - this.#oldest >= this.#bounds.messages) this.#dropOldest();
    this.#entries[seq % this.#bounds.messages] = entry;
    while (this.#bytes > this.#bounds.bytes && this.#oldest < this.#latest) this.#dropOldest();
    for (const follower of this.#followers) follower(entry);
  }

  /** Goes on after `latest`; messages up to there are gone for good, and followers are told so. */
  skipTo(latest: number): void {
    const notice = encodeNotice({ notice: 'gap', from: this.#latest + 1, to: latest });
    this.#entries.fill(undefined);
    this.#bytes = 0;
    this.#latest = latest;
    this.#oldest = latest + 1;
    for (const follower of this.#followers) follower(notice);
  }

  /**
   * The entries after `position`. A client that asks for messages that are no longer held gets a `gap` notice first; one
   * that is ahead of the log (the feed was restarted, or this node is behind) gets a `reset` notice, and goes on from there.
   */
  since(position: Position): Entry[] {
    switch (position.kind) {
      case 'now':
        return [];
      case 'oldest':
        return this.#after(0);
      case 'after':
        return this.#after(position.seq);
      default:
        return position satisfies never;
    }
  }

  /** Calls `follower` with every entry to come; the returned function ends that. */
  follow(follower: (entry: Entry) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #after(seq: number): Entry[] {
    if (seq > this.#latest) return [encodeNotice({ notice: 'reset', latest: this.#latest })];
    if (seq + 1 >= this.#oldest) return this.#entriesFrom(seq + 1);
    const gap = encodeNotice({ notice: 'gap', from: seq + 1, to: this.#oldest - 1 });
    return [gap, ...this.#entriesFrom(this.#oldest)];
  }

  #entriesFrom(first: number): Entry[] {
    const entries: Entry[] = [];
    for (let seq = first; seq <= this.#latest; seq++) {
      const entry = this.#entries[seq % this.#bounds.messages];
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #dropOldest(): void {
    const slot = this.#oldest % this.#bounds.messages;
    this.#bytes -= this.#entries[slot]?.length ?? 0;
    this.#entries[slot] = undefined;
    this.#oldest += 1;
  }
}
