import { type Audit, AUDIT_COUNT_IDS, type AuditCountId } from '../../scenarios/result/audit-counts.ts';
import { NumberRanges } from './number-ranges.ts';

/** What one process counts over its subscribers; `published` is known only at the end, to the coordinator. */
export type AuditCounts = Omit<Audit, 'published'>;
/** One subscriber's; what it does not look at is never told to it. */
export type SubscriberCounts = Readonly<Record<Exclude<AuditCountId, 'published'>, number>>;

/** Whoever only listens says nothing, and nobody is asked who is there. */
export const NOTHING_SAID = { unanswered: 0, refused: 0, misreported: 0 } as const;

/** Says which messages are lost of those up to `published` that did not come. */
export interface LossRule {
  lostOf(absent: NumberRanges, published: number): NumberRanges;
}

/** What one arrival is: the message of its number, one whose checksum does not fit, or an intact one that is another. */
export type Arrival = 'right' | 'corrupted' | 'misplaced';

/**
 * Follows one subscriber's sequence numbers: every message exactly once and in order, from 1 on. Only a message that is
 * `right` fills its number and moves the position on; what else a server says decides nothing. Each arrival is one of:
 * in turn, `reordered` (it comes after a later one), `duplicated`, or wrong in itself.
 */
export class SubscriberAudit {
  #latest = 0;
  readonly #missing = new NumberRanges();
  readonly #declared = new NumberRanges();
  /** Numbers under which something corrupted came; mostly there are none, and subscribers are many. */
  #damaged: Set<number> | undefined;
  /** Numbers that a state was to hold and did not; in the same way. */
  #lacked: Set<number> | undefined;
  #received = 0;
  #duplicated = 0;
  #reordered = 0;
  #corrupted = 0;
  #misplaced = 0;
  #foreign = 0;

  /** The highest number whose message came. */
  get latest(): number {
    return this.#latest;
  }

  /** Whether none of 1..`seq` is missing, as far as messages with higher numbers have told. */
  hasUpTo(seq: number): boolean {
    return this.#missing.countWithin(1, seq) === 0;
  }

  message(seq: number, arrival: Arrival): void {
    this.#received += 1;
    switch (arrival) {
      case 'right':
        this.#take(seq);
        return;
      case 'corrupted':
        this.#corrupted += 1;
        this.#damaged = (this.#damaged ?? new Set()).add(seq);
        return;
      case 'misplaced':
        this.#misplaced += 1;
        return;
      default:
        arrival satisfies never;
    }
  }

  /** The server said that messages `from`..`to` are gone. */
  gap(from: number, to: number): void {
    this.#declared.add(from, to);
  }

  foreign(): void {
    this.#foreign += 1;
  }

  /** The newest of a key was not in a state: lost to whoever had nothing else, whether or not it came before. */
  lacked(seq: number): void {
    this.#lacked = (this.#lacked ?? new Set()).add(seq);
  }

  /**
   * Counts over everything that was published, messages 1..`published`. All that did not come is lost, where there is no
   * rule that some may be left out.
   */
  counts(published: number, rule?: LossRule): SubscriberCounts {
    const absent = this.absent(published);
    const never = rule?.lostOf(absent, published) ?? absent;
    const lost = this.#withLacked(never);
    return {
      subscribers: 1,
      expected: published,
      received: this.#received,
      lost: lost.countWithin(1, published),
      declaredLost: lost.countShared(this.#declared, published),
      leftOut: absent.countWithin(1, published) - absent.countShared(lost, published),
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      corrupted: this.#corrupted,
      misplaced: this.#misplaced,
      foreign: this.#foreign,
      ...NOTHING_SAID,
    };
  }

  #withLacked(never: NumberRanges): NumberRanges {
    if (this.#lacked === undefined) return never;
    const lost = never.copy();
    for (const seq of this.#lacked) lost.add(seq, seq);
    return lost;
  }

  #take(seq: number): void {
    if (seq === this.#latest + 1) {
      this.#latest = seq;
    } else if (seq > this.#latest) {
      this.#missing.add(this.#latest + 1, seq - 1);
      this.#latest = seq;
    } else if (this.#missing.remove(seq)) {
      this.#reordered += 1;
    } else {
      this.#duplicated += 1;
    }
  }

  /** What did not come of 1..`published`. A message that came corrupted did: it counts as corrupted, not as lost too. */
  absent(published: number): NumberRanges {
    const absent = this.#missing.copy();
    absent.add(this.#latest + 1, published);
    for (const seq of this.#damaged ?? []) absent.remove(seq);
    return absent;
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
