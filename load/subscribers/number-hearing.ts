import type { MessageHeader } from '../../scenarios/feed/message.ts';
import { type Arrival, type AuditCounts, mergeAudits, NOTHING_SAID, SubscriberAudit } from './audit.ts';
import type { Hearing, Listener } from './hearing.ts';

export interface NumberSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * Of a feed that a server makes itself: nothing is known of it but the numbers that come. Each subscriber is to get every number
 * between the least and the greatest that came to it, once and in order. What was lost before the first or behind the last,
 * and whether a message holds what it should, nobody can say.
 */
export class NumberHearing implements Hearing {
  readonly #audits: NumberAudit[] = [];

  open(): Listener {
    const audit = new NumberAudit();
    this.#audits.push(audit);
    return new NumberListener(audit);
  }

  begin(): void {
    // It is the server's own: it began when it wanted.
  }

  audit(): AuditCounts {
    return { ...mergeAudits(this.#audits.map((audit) => audit.counts())), corrupted: null, misplaced: null };
  }

  /** Of all that came here; undefined where nothing did. */
  get numbers(): NumberSpan | undefined {
    const spans = this.#audits.flatMap(({ numbers }) => numbers ?? []);
    if (spans.length === 0) return undefined;
    return {
      first: Math.min(...spans.map(({ first }) => first)),
      last: Math.max(...spans.map(({ last }) => last)),
    };
  }
}

/** One subscriber's numbers, counted from the first that came. */
class NumberAudit {
  readonly #audit = new SubscriberAudit();
  /** The number before the first that came. */
  #base: number | undefined;
  /** Numbers below the first that came after it. */
  readonly #below = new Set<number>();
  #repeatedBelow = 0;

  message(seq: number): void {
    this.#base ??= seq - 1;
    if (seq > this.#base) this.#audit.message(seq - this.#base, 'right');
    else if (this.#below.has(seq)) this.#repeatedBelow += 1;
    else this.#below.add(seq);
  }

  foreign(): void {
    this.#audit.foreign();
  }

  get numbers(): NumberSpan | undefined {
    if (this.#base === undefined) return undefined;
    return { first: Math.min(this.#base + 1, ...this.#below), last: this.#base + this.#audit.latest };
  }

  counts(): AuditCounts {
    const counts = this.#audit.counts(this.#audit.latest);
    const { numbers } = this;
    if (numbers === undefined || this.#base === undefined) return { ...counts, ...NOTHING_SAID };
    const before = this.#base + 1 - numbers.first;
    return {
      ...counts,
      expected: counts.expected + before,
      received: counts.received + this.#below.size + this.#repeatedBelow,
      lost: counts.lost + before - this.#below.size,
      duplicated: counts.duplicated + this.#repeatedBelow,
      reordered: counts.reordered + this.#below.size,
    };
  }
}

class NumberListener implements Listener {
  readonly #audit: NumberAudit;

  constructor(audit: NumberAudit) {
    this.#audit = audit;
  }

  message({ seq }: MessageHeader): Arrival {
    this.#audit.message(seq);
    return 'right';
  }

  gap(): void {
    // Only nodes of ours say so.
  }

  foreign(): void {
    this.#audit.foreign();
  }

  dueBy(): number {
    return 0;
  }

  hasCaughtUp(): boolean {
    return true;
  }

  /** Where it ends nobody knows. */
  hasAll(): boolean {
    return true;
  }
}
