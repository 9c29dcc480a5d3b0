import { Counter } from 'k6/metrics';
import type { Notice } from '../../../scenarios/feed/message.ts';
import { AUDIT_COUNTS, FAULT_IDS } from '../../../scenarios/result/audit-counts.ts';
import { SubscriberAudit } from '../../subscribers/audit.ts';
import { PublishingOrder } from '../../subscribers/publishing-order.ts';

/** What a script can see of what an audit counts: it does not look at checksums, and says nothing. */
export const SEEN_FAULTS = FAULT_IDS.filter((id) => id !== 'corrupted' && AUDIT_COUNTS[id].unit === 'messages');
const counters = SEEN_FAULTS.map((id) => ({ id, counter: new Counter(id) }));

/** The audit of one subscriber from message `before` on; what it finds goes into metrics of k6. */
export class FaultMetrics {
  readonly #before: number;
  readonly #audit = new SubscriberAudit();
  readonly #order = new PublishingOrder();
  /** The highest number that is known of: seen, or said to be gone. */
  #known = 0;
  readonly #counted = new Map<string, number>();

  constructor(before: number) {
    this.#before = before;
  }

  /** A metric that nothing was added to is not in k6's summary. */
  begin(): void {
    for (const { counter } of counters) counter.add(0);
  }

  message(seq: number, publishedNs: number): void {
    const position = seq - this.#before;
    const arrival = this.#order.arrival(seq, publishedNs);
    const inTurn = arrival === 'right' && position === this.#audit.latest + 1;
    this.#audit.message(position, arrival);
    if (!inTurn) this.#count();
  }

  notice(notice: Notice): void {
    if (notice.notice === 'gap') {
      this.#audit.gap(notice.from - this.#before, notice.to - this.#before);
      this.#known = Math.max(this.#known, notice.to - this.#before);
    } else {
      this.#audit.foreign();
    }
    this.#count();
  }

  foreign(): void {
    this.#audit.foreign();
    this.#count();
  }

  /** As they happen, because nothing runs any more after a Ctrl-C. What was `lost` and comes late is taken back. */
  #count(): void {
    this.#known = Math.max(this.#known, this.#audit.latest);
    const counts = this.#audit.counts(this.#known);
    for (const { id, counter } of counters) {
      const before = this.#counted.get(id) ?? 0;
      if (counts[id] !== before) counter.add(counts[id] - before);
      this.#counted.set(id, counts[id]);
    }
  }
}
