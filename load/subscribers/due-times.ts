import { dueTimes, type PlannedFeed } from '../../scenarios/feed/schedule.ts';

/** Far more messages than a log holds, so that no client can be so far behind another. */
const MOST_KEPT = 2 ** 17;

/**
 * Which message is due when, whoever serves it. The schedule is followed as it is asked about, and only its newest part is
 * kept, because a feed can be longer than memory.
 */
export class DueTimes {
  readonly #schedule: Iterator<number, undefined>;
  readonly #kept = new Float64Array(MOST_KEPT);
  /** How many messages of the schedule were followed, and the offset at which the last of them is due. */
  #followed = 0;
  #latestNs = Number.NEGATIVE_INFINITY;
  #originNs = Number.POSITIVE_INFINITY;

  constructor({ feed, durationNs, seed }: Pick<PlannedFeed, 'feed' | 'durationNs' | 'seed'>) {
    this.#schedule = dueTimes(feed, durationNs, seed);
  }

  /** Before it nothing is due. */
  begin(originNs: number): void {
    this.#originNs = originNs;
  }

  /**
   * Whether message `seq`, a whole number from 1 on, is due at `dueNs`; one that the feed does not have never is. It is not
   * held against one so old that its time is no longer kept: that makes it a repeated or a late one in any case.
   */
  fit(seq: number, dueNs: number): boolean {
    const offsetNs = dueNs - this.#originNs;
    // As far as that time, however large the number is that came with it.
    while (seq > this.#followed && offsetNs >= this.#latestNs && this.#follow());
    if (seq > this.#followed) return false;
    return seq <= this.#followed - MOST_KEPT || this.#kept[(seq - 1) % MOST_KEPT] === offsetNs;
  }

  /** How many messages are due by that time, as far back as times are kept. */
  dueBy(momentNs: number): number {
    const offsetNs = momentNs - this.#originNs;
    while (offsetNs >= this.#latestNs && this.#follow());
    let count = this.#followed;
    while (count > Math.max(0, this.#followed - MOST_KEPT) && (this.#kept[(count - 1) % MOST_KEPT] ?? 0) > offsetNs)
      count -= 1;
    return count;
  }

  /** False at the end of the feed. */
  #follow(): boolean {
    const next = this.#schedule.next();
    if (next.done === true) return false;
    this.#latestNs = next.value;
    this.#kept[this.#followed % MOST_KEPT] = next.value;
    this.#followed += 1;
    return true;
  }
}
