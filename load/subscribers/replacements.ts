import type { HeldState } from '../../scenarios/asking/state-answers.ts';
import { payloadKey } from '../../scenarios/feed/payload.ts';
import { dueTimes } from '../../scenarios/feed/schedule.ts';
import type { LossRule } from './audit.ts';
import type { Expected } from './expectation.ts';
import { NumberRanges } from './number-ranges.ts';

/** Of each message, from the first on, when it is due, and its key as a number from 0 on. */
interface Values {
  readonly dueNs: ArrayLike<number>;
  readonly keys: ArrayLike<number>;
  readonly keyCount: number;
}

/**
 * Where clients are to get the newest of each key: which messages may be left out for which, from the seed and the schedule
 * alone. One was left out on purpose where a newer one of its key came, which was due no more than `withinNs` after it.
 */
export class Replacements implements LossRule {
  readonly #withinNs: number;
  readonly #values: Values;
  #succession: Succession | undefined;

  constructor(values: Values, withinNs: number) {
    this.#withinNs = withinNs;
    this.#values = values;
  }

  /** Of a feed that all listen to. */
  static inFeed({ feed, payload, seed, durationNs, messages }: Expected, withinNs: number): Replacements {
    const known = new Map<string, number>();
    const keys = Int32Array.from({ length: messages }, (_, index) => {
      const key = payloadKey(payload.kind, seed, index);
      const number = known.get(key) ?? known.size;
      known.set(key, number);
      return number;
    });
    const dueNs = Float64Array.from(dueTimes(feed, durationNs, seed));
    return new Replacements({ dueNs, keys, keyCount: known.size }, withinNs);
  }

  /** Of what one sender says in one channel: each is a newer value than the one before. */
  static inStream(messages: readonly { readonly offsetNs: number }[], withinNs: number): Replacements {
    const dueNs = Float64Array.from(messages, ({ offsetNs }) => offsetNs);
    return new Replacements({ dueNs, keys: new Uint8Array(messages.length), keyCount: 1 }, withinNs);
  }

  /** The messages that are not in a state, and are the newest of their key as far as it goes. */
  lackingOf(held: HeldState): readonly number[] {
    this.#succession ??= new Succession(this.#values.keys);
    return this.#succession.lackingOf(held);
  }

  /** Of the messages up to `published`, `absent` did not come: those of them that nothing newer replaced in time. */
  lostOf(absent: NumberRanges, published: number): NumberRanges {
    const { dueNs: times, keys, keyCount } = this.#values;
    /** When the next message of the key that came was due. */
    const nextDueNs = new Float64Array(keyCount).fill(Number.POSITIVE_INFINITY);
    const lost: number[] = [];
    let index = absent.ranges.length - 1;
    for (let seq = published; seq > 0; seq--) {
      while ((absent.ranges[index]?.from ?? 0) > seq) index -= 1;
      const isAbsent = (absent.ranges[index]?.to ?? 0) >= seq;
      const key = keys[seq - 1] ?? 0;
      const dueNs = times[seq - 1] ?? 0;
      if (!isAbsent) nextDueNs[key] = dueNs;
      else if ((nextDueNs[key] ?? 0) - dueNs > this.#withinNs) lost.push(seq);
    }
    const ranges = new NumberRanges();
    for (const seq of lost.toReversed()) ranges.add(seq, seq);
    return ranges;
  }
}

const NONE: readonly number[] = [];

/** Which message replaces which: what a state has to hold, told without looking at what it need not. */
class Succession {
  /** Of message n, at n: the next one of its key; above all numbers where there is none. */
  readonly #next: Int32Array;
  /** At n: how many keys the messages up to n have. */
  readonly #keysUpTo: Int32Array;

  constructor(keys: ArrayLike<number>) {
    const end = keys.length + 1;
    this.#next = new Int32Array(end).fill(end);
    this.#keysUpTo = new Int32Array(end);
    const last = new Map<number, number>();
    for (const [index, key] of Array.from(keys).entries()) {
      const seq = index + 1;
      this.#next[last.get(key) ?? 0] = seq;
      last.set(key, seq);
      this.#keysUpTo[seq] = last.size;
    }
  }

  lackingOf({ seqs, oldest }: HeldState): readonly number[] {
    let highest = 0;
    for (const seq of seqs) highest = Math.max(highest, seq);
    const latest = Math.min(highest, this.#next.length - 1);
    let before = 0;
    let newest = 0;
    for (const seq of seqs) {
      // Whatever else stands there, in whatever order: it is looked at one by one below.
      if (seq > before && this.#isNewest(seq, latest)) newest += 1;
      before = seq;
    }
    if (newest === this.#keysUpTo[latest] && oldest === 1) return NONE;
    const held = new Set(seqs);
    const due = Array.from({ length: Math.max(0, latest - oldest + 1) }, (_, index) => oldest + index);
    return due.filter((seq) => this.#isNewest(seq, latest) && !held.has(seq));
  }

  #isNewest(seq: number, latest: number): boolean {
    return seq > 0 && seq <= latest && (this.#next[seq] ?? 0) > latest;
  }
}

/** Undefined where every message is to come. */
export function replacementsIn(feed: Expected): Replacements | undefined {
  return feed.replacedWithinNs === undefined ? undefined : Replacements.inFeed(feed, feed.replacedWithinNs);
}
