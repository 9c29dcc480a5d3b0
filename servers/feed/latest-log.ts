import { type KeyRule, keyOf } from '../../scenarios/feed/conflation.ts';
import {
  type ChannelledLog,
  type Entry,
  type LogBounds,
  type Numbered,
  type Place,
  placeIn,
  type Position,
  type ReadableLog,
} from './log.ts';
import { type Key, NewestValues } from './newest-values.ts';

interface LatestLogOptions extends LogBounds {
  /** How long messages are held back, so that of each key only the newest goes out. */
  readonly windowMs: number;
  /** By what the key of a message is found. */
  readonly rule: KeyRule;
}

/**
 * A log for those who want the newest of each key (conflation). Of what comes within a window it gives its followers the
 * last of each key, in the order of their numbers; whoever asks, or is behind, gets what is the newest of its key by then.
 * An older value never comes after a newer one, the newest of each key always comes, and of what was replaced nobody is
 * told: it is no loss. The newest of a key is held however old it is.
 *
 * A message that follows none for `windowMs` goes out at once, and what comes after it waits for the end of that time: a
 * sparse feed is not delayed, and in a dense one each key goes out once a window. A window ends early for whoever asks.
 */
export class LatestLog implements ChannelledLog {
  readonly #source: ReadableLog;
  readonly #options: LatestLogOptions;
  readonly #values: NewestValues;
  readonly #followers = new Set<(entry: Entry) => void>();
  /** What is held back, in the order of the numbers. */
  #held = new Map<Key, Numbered>();
  #window: NodeJS.Timeout | undefined;
  #latest: number;

  /** `source` holds nothing yet. */
  constructor(source: ReadableLog, options: LatestLogOptions) {
    this.#source = source;
    this.#options = options;
    this.#values = new NewestValues(options);
    this.#latest = source.latest;
    source.follow((entry) => this.#take(entry));
  }

  get latest(): number {
    return this.#latest;
  }

  get oldest(): number {
    return this.#values.oldest;
  }

  next(seq: number): Numbered | undefined {
    return seq + 1 < this.oldest ? undefined : this.#values.next(seq);
  }

  /** Looks at each that there is: of channels that are quiet beside others a log knows the numbers, and this one does not. */
  nextIn(channels: ReadonlySet<string>, seq: number): Numbered | undefined {
    return this.#values.next(seq, channels);
  }

  newestDropped(channels: Iterable<string>): number {
    return this.#values.newestDropped(channels);
  }

  /** Clients that come from another node have seen the end of a window that still goes on here. */
  place(position: Position): Place {
    this.settle();
    return placeIn(this, position);
  }

  since(position: Position): Entry[] {
    const { seq, notice } = this.place(position);
    const messages = this.#values.after(seq);
    return notice === undefined ? messages : [notice, ...messages];
  }

  follow(follower: (entry: Entry) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  settle(): void {
    if (this.#held.size > 0) this.#release();
  }

  #take(entry: Entry): void {
    const seq = this.#source.latest;
    if (this.#source.oldest > seq) {
      this.#skipTo(seq, entry);
      return;
    }
    const key = keyOf(entry, this.#options.rule) ?? seq;
    // Behind all others, wherever it was.
    this.#held.delete(key);
    this.#held.set(key, { seq, entry });
    if (this.#window === undefined) this.#release();
  }

  /** Messages up to there never came, which the notice says. */
  #skipTo(latest: number, notice: Entry): void {
    this.settle();
    this.#values.clear(latest);
    this.#latest = latest;
    this.#tell(notice);
  }

  /** Ends a window, and begins another where something goes out. */
  #release(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    if (this.#held.size === 0) return;
    // A node that closes does not wait for it.
    this.#window = setTimeout(() => this.#release(), this.#options.windowMs).unref();
    const held = this.#held;
    this.#held = new Map();
    for (const [key, { seq, entry }] of held) {
      this.#values.put(key, seq, entry);
      this.#latest = seq;
      this.#tell(entry);
    }
  }

  #tell(entry: Entry): void {
    for (const follower of this.#followers) follower(entry);
  }
}
