import { type Audit, AUDIT_COUNT_IDS } from '../../scenarios/result/audit-counts.ts';

/** What one process counts over its subscribers; `published` is known only at the end, to the coordinator. */
export type AuditCounts = Omit<Audit, 'published'>;

interface Range {
  from: number;
  to: number;
}

/**
 * Follows one subscriber's sequence numbers: every message exactly once and in order, from 1 on. A number that was
 * jumped over and comes later is `reordered`; one that comes again is `duplicated`; one that never comes is `lost`.
 */
export class SubscriberAudit {
  #latest = 0;
  readonly #missing: Range[] = [];
  #received = 0;
  #declaredLost = 0;
  #duplicated = 0;
  #reordered = 0;
  #corrupted = 0;
  #foreign = 0;

  /** The highest sequence number that was seen. */
  get latest(): number {
    return this.#latest;
  }

  /** A corrupted message did arrive: it counts as corrupted, not as lost too. */
  message(seq: number, intact: boolean): void {
    this.#received += 1;
    if (!intact) this.#corrupted += 1;
    if (seq === this.#latest + 1) {
      this.#latest = seq;
    } else if (seq > this.#latest) {
      this.#missing.push({ from: this.#latest + 1, to: seq - 1 });
      this.#latest = seq;
    } else if (this.#takeMissing(seq)) {
      this.#reordered += 1;
    } else {
      this.#duplicated += 1;
    }
  }

  /** The server said that messages `from`..`to` are gone. */
  gap(from: number, to: number): void {
    this.#declaredLost += to - from + 1;
    if (to > this.#latest) {
      this.#missing.push({ from: Math.max(from, this.#latest + 1), to });
      this.#latest = to;
    }
  }

  foreign(): void {
    this.#foreign += 1;
  }

  /** Counts over everything that was published, messages 1..`published`. */
  counts(published: number): AuditCounts {
    const missing = this.#missing.reduce((sum, range) => sum + range.to - range.from + 1, 0);
    return {
      subscribers: 1,
      expected: published,
      received: this.#received,
      lost: missing + Math.max(0, published - this.#latest),
      declaredLost: this.#declaredLost,
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      corrupted: this.#corrupted,
      foreign: this.#foreign,
    };
  }

  #takeMissing(seq: number): boolean {
    const index = this.#missing.findIndex((range) => seq >= range.from && seq <= range.to);
    const range = this.#missing[index];
    if (range === undefined) return false;
    const rest = [
      { from: range.from, to: seq - 1 },
      { from: seq + 1, to: range.to },
    ].filter(({ from, to }) => from <= to);
    this.#missing.splice(index, 1, ...rest);
    return true;
  }
}

const SUMMED_IDS = AUDIT_COUNT_IDS.filter((id) => id !== 'published');
const NOTHING = Object.fromEntries(SUMMED_IDS.map((id) => [id, 0])) as unknown as AuditCounts;

/** What one of them did not look at is not known of all. */
export function mergeAudits(audits: readonly AuditCounts[]): AuditCounts {
  return audits.reduce<AuditCounts>(
    (sum, audit) =>
      Object.fromEntries(SUMMED_IDS.map((id) => [id, plus(sum[id], audit[id])])) as unknown as AuditCounts,
    NOTHING,
  );
}

function plus(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}
