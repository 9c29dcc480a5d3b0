import { monotonicNs } from '../../scenarios/clock.ts';
import { type Entry, type Numbered, placeIn, type Position, type ReadableLog } from '../feed/log.ts';
import type { ReadState } from './feed-state.ts';
import { answerOf, type PollAnswer } from '../wire/http-answer.ts';

/** Clients at many positions must not multiply the log. */
const MOST_KEPT = 64;

/**
 * Answers from what was read once in a while, however many ask: a cache that all polls of a node share. Who asks when it is too old
 * reads anew, and whoever asks meanwhile waits for the same read. What came after it is in no answer until the next.
 */
export class SharedAnswers {
  readonly #log: ReadableLog;
  readonly #read: () => Promise<void>;
  readonly #goodForNs: number;
  readonly #bySeq = new Map<number, Buffer>();
  #messages: readonly Numbered[] = [];
  /** How far the feed was, and from which number on it was whole. */
  #extent = { latest: 0, oldest: 1 };
  /** All of it, as most ask for a state. */
  #whole: PollAnswer | undefined;
  #staleNs = Number.NEGATIVE_INFINITY;
  /** Of the last read: what is behind a node and fails is not asked more often for that. */
  #failure: { readonly error: unknown } | undefined;
  /** Never rejects. */
  #reading: Promise<void> | undefined;

  constructor(log: ReadableLog, read: () => Promise<void>, goodForNs: number) {
    this.#log = log;
    this.#read = read;
    this.#goodForNs = goodForNs;
  }

  async since(position: Position): Promise<PollAnswer> {
    await this.#fresh();
    const { seq, notice } = this.#log.place(position);
    if (notice !== undefined) return answerOf([notice, ...this.#after(seq)]);
    const made = this.#bySeq.get(seq) ?? answerOf(this.#after(seq));
    if (Buffer.isBuffer(made) && this.#bySeq.size < MOST_KEPT) this.#bySeq.set(seq, made);
    return made;
  }

  /** The same behind what somebody is told first, and nobody else. */
  async behind(first: readonly Entry[], position: Position): Promise<PollAnswer> {
    if (first.length === 0) return this.since(position);
    await this.#fresh();
    const { seq, notice } = this.#log.place(position);
    return answerOf([...first, ...(notice === undefined ? [] : [notice]), ...this.#after(seq)]);
  }

  /** As it was when it was read. */
  readonly state: ReadState = async (use) => {
    await this.#fresh();
    // Followers are told what was held back, and `latest` is how far the node is.
    this.#log.settle();
    const { latest, oldest } = this.#extent;
    return use({ seq: latest, oldest, reached: this.#log.latest, behind: (first) => this.#wholeBehind(first) });
  };

  #wholeBehind(first: readonly Entry[]): PollAnswer {
    if (first.length === 0 && this.#whole !== undefined) return this.#whole;
    const { seq, notice } = placeIn(this.#extent, { kind: 'oldest' });
    const answer = answerOf([...first, ...(notice === undefined ? [] : [notice]), ...this.#after(seq)]);
    if (first.length === 0) this.#whole = answer;
    return answer;
  }

  /** To what number messages may be told of, for whoever reads them by a view of its own. */
  async upTo(): Promise<number> {
    await this.#fresh();
    return this.#extent.latest;
  }

  async #fresh(): Promise<void> {
    if (monotonicNs() >= this.#staleNs) {
      this.#reading ??= this.#refresh();
      await this.#reading;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #refresh(): Promise<void> {
    const startedNs = monotonicNs();
    try {
      await this.#read();
      this.#log.settle();
      this.#messages = messagesOf(this.#log);
      this.#extent = { latest: this.#log.latest, oldest: this.#log.oldest };
      this.#bySeq.clear();
      this.#whole = undefined;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#staleNs = startedNs + this.#goodForNs;
      this.#reading = undefined;
    }
  }

  #after(seq: number): Entry[] {
    const first = this.#messages.findIndex((message) => message.seq > seq);
    return first < 0 ? [] : this.#messages.slice(first).map(({ entry }) => entry);
  }
}

function messagesOf(log: ReadableLog): Numbered[] {
  const messages: Numbered[] = [];
  for (let next = log.next(log.oldest - 1); next !== undefined; next = log.next(next.seq)) messages.push(next);
  return messages;
}
