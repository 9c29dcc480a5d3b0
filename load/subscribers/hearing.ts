import type { HeldState } from '../../scenarios/asking/state-answers.ts';
import type { MessageHeader } from '../../scenarios/feed/message.ts';
import type { SaidMessage } from '../../scenarios/feed/script.ts';
import { type Arrival, type AuditCounts, mergeAudits, SubscriberAudit } from './audit.ts';
import { Expectation, type Expected } from './expectation.ts';
import { type Replacements, replacementsIn } from './replacements.ts';
import type { Stream } from './script-expectation.ts';
import type { Published } from './spoken.ts';

/** Holds what one subscriber hears against what it is to hear. */
export interface Listener {
  /** What the message is that `header` has just read. */
  message(header: MessageHeader): Arrival;
  /** The server said that messages `from`..`to` of the log are gone. */
  gap(from: number, to: number): void;
  foreign(): void;
  /** Of who asks for the newest of each key as a whole: what one of them held. */
  state?(held: HeldState): void;
  /** Of an addressed feed: what the last message is in its script, where it was right. */
  readonly heard?: SaidMessage | undefined;
  /** And whose it is, of those who speak where the subscriber listens: the same object each time. */
  readonly heardIn?: Stream | undefined;
  /** A mark of what is due by then, for `hasCaughtUp`. */
  dueBy(atNs: number): number;
  hasCaughtUp(due: number): boolean;
  /** Whether all came that was to. */
  hasAll(published: Published): boolean;
}

/** What the subscribers of one process are to hear, known from the schedule alone. */
export interface Hearing {
  /** Clients count from 0 over all processes. */
  open(client: number): Listener;
  /** The feed begins. */
  begin(originNs: number): void;
  audit(published: Published): AuditCounts;
}

/** Of a feed that all listen to: everybody is to get every message. */
export class FeedHearing implements Hearing {
  readonly #expectation: Expectation;
  readonly #replacements: Replacements | undefined;
  readonly #audits: SubscriberAudit[] = [];

  constructor(feed: Expected) {
    this.#expectation = new Expectation(feed);
    this.#replacements = replacementsIn(feed);
  }

  open(): Listener {
    const audit = new SubscriberAudit();
    this.#audits.push(audit);
    return new FeedListener(this.#expectation, audit, this.#replacements);
  }

  begin(originNs: number): void {
    this.#expectation.begin(originNs);
  }

  audit(published: Published): AuditCounts {
    const latest = countOf(published);
    return mergeAudits(this.#audits.map((audit) => audit.counts(latest, this.#replacements)));
  }
}

function countOf(published: Published): number {
  if (typeof published === 'number') return published;
  throw new TypeError('nobody says anything in a feed that all listen to');
}

class FeedListener implements Listener {
  readonly #expectation: Expectation;
  readonly #audit: SubscriberAudit;
  /** Which messages never come, because newer ones do; undefined where all are to. */
  readonly #replacements: Replacements | undefined;

  constructor(expectation: Expectation, audit: SubscriberAudit, replacements: Replacements | undefined) {
    this.#expectation = expectation;
    this.#audit = audit;
    this.#replacements = replacements;
  }

  message(header: MessageHeader): Arrival {
    const arrival = this.#expectation.arrival(header);
    this.#audit.message(header.seq, arrival);
    return arrival;
  }

  gap(from: number, to: number): void {
    this.#audit.gap(from, to);
  }

  foreign(): void {
    this.#audit.foreign();
  }

  state(held: HeldState): void {
    for (const seq of this.#replacements?.lackingOf(held) ?? []) this.#audit.lacked(seq);
  }

  /** So many messages. */
  dueBy(atNs: number): number {
    return this.#expectation.dueBy(atNs);
  }

  /** Who lacks one of them for good never has. */
  hasCaughtUp(due: number): boolean {
    return this.#audit.latest >= due && (this.#replacements !== undefined || this.#audit.hasUpTo(due));
  }

  hasAll(published: Published): boolean {
    return this.#audit.latest >= countOf(published);
  }
}
