import { payloadKey } from '../../scenarios/feed/payload.ts';
import { dueTimes } from '../../scenarios/feed/schedule.ts';
import type { Expected } from './expectation.ts';
import { NumberRanges } from './number-ranges.ts';

/**
 * Where clients are to get the newest of each key: which messages may be left out for which, from the seed and the schedule
 * alone. One was left out on purpose where a newer one of its key came, which was due no more than `withinNs` after it.
 */
export class Replacements {
  readonly #withinNs: number;
  readonly #dueNs: Float64Array;
  /** Of each message its key, as a number from 0 on. */
  readonly #keys: Int32Array;
  readonly #keyCount: number;

  constructor({ feed, payload, seed, durationNs, messages }: Expected, withinNs: number) {
    this.#withinNs = withinNs;
    this.#dueNs = Float64Array.from(dueTimes(feed, durationNs, seed));
    const known = new Map<string, number>();
    this.#keys = Int32Array.from({ length: messages }, (_, index) => {
      const key = payloadKey(payload.kind, seed, index);
      const number = known.get(key) ?? known.size;
      known.set(key, number);
      return number;
    });
    this.#keyCount = known.size;
  }

  /** Of the messages up to `published`, `absent` did not come: those of them that nothing newer replaced in time. */
  lostOf(absent: NumberRanges, published: number): NumberRanges {
    /** When the next message of the key that came was due. */
    const nextDueNs = new Float64Array(this.#keyCount).fill(Number.POSITIVE_INFINITY);
    const lost: number[] = [];
    let index = absent.ranges.length - 1;
    for (let seq = published; seq > 0; seq--) {
      while ((absent.ranges[index]?.from ?? 0) > seq) index -= 1;
      const isAbsent = (absent.ranges[index]?.to ?? 0) >= seq;
      const key = this.#keys[seq - 1] ?? 0;
      const dueNs = this.#dueNs[seq - 1] ?? 0;
      if (!isAbsent) nextDueNs[key] = dueNs;
      else if ((nextDueNs[key] ?? 0) - dueNs > this.#withinNs) lost.push(seq);
    }
    const ranges = new NumberRanges();
    for (const seq of lost.toReversed()) ranges.add(seq, seq);
    return ranges;
  }
}

/** Undefined where every message is to come. */
export function replacementsIn(feed: Expected): Replacements | undefined {
  return feed.replacedWithinNs === undefined ? undefined : new Replacements(feed, feed.replacedWithinNs);
}
