import { sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { setTimeout } from 'k6/timers';
import type { Notice } from '../../scenarios/message.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { SubscriberAudit } from '../audit.ts';
import type { FrameHead } from './frame-head.ts';
import { type Line, LINE_MARK, MESSAGE_FIGURES, TELL_EVERY_MS } from './lines.ts';

/** Told what one subscriber sees. */
export interface Observer {
  /** The subscription stands. */
  opened(): void;
  /** `head` is only good during the call. */
  message(head: FrameHead, bytes: number, receivedMs: number): void;
  notice(notice: Notice): void;
  foreign(): void;
  /** An HTTP answer with that many messages. */
  answered(messages: number, receivedMs: number): void;
  /** The script is about to wait: what was kept back has to go out. */
  waiting(): void;
  /** The session ended before it was told to. */
  ended(reason: string): void;
}

const staleness = new Trend('staleness', true);
const delivered = new Counter('delivered');
const unexpectedCloses = new Counter('unexpected_closes');
const answers = new Counter('answers');
const emptyAnswers = new Counter('empty_answers');
const FAULTS = ['lost', 'duplicated', 'reordered', 'foreign'] as const;
const faults = FAULTS.map((name) => ({ name, counter: new Counter(name) }));

/** Audits one subscriber from message `latest` on, and puts what it finds into metrics of k6. */
export class MetricsObserver implements Observer {
  readonly #audit = new SubscriberAudit();
  readonly #clockOffsetMs: number;
  /** Messages up to here came before this subscriber. */
  readonly #before: number;
  #counted: Record<(typeof FAULTS)[number], number> = { lost: 0, duplicated: 0, reordered: 0, foreign: 0 };

  constructor(before: number, clockOffsetMs: number) {
    this.#before = before;
    this.#clockOffsetMs = clockOffsetMs;
  }

  opened(): void {
    for (const { counter } of faults) counter.add(0);
    unexpectedCloses.add(0);
  }

  message({ seq, dueNs }: FrameHead, _bytes: number, receivedMs: number): void {
    delivered.add(1);
    staleness.add(receivedMs - this.#clockOffsetMs - dueNs / NS_PER_MS);
    const position = seq - this.#before;
    const inTurn = position === this.#audit.latest + 1;
    this.#audit.message(position, true);
    if (!inTurn) this.#countFaults();
  }

  notice(notice: Notice): void {
    if (notice.notice === 'gap') this.#audit.gap(notice.from - this.#before, notice.to - this.#before);
    else this.#audit.foreign();
    this.#countFaults();
  }

  foreign(): void {
    this.#audit.foreign();
    this.#countFaults();
  }

  answered(messages: number): void {
    answers.add(1);
    if (messages === 0) emptyAnswers.add(1);
  }

  waiting(): void {
    // A metric goes out at once.
  }

  ended(reason: string): void {
    unexpectedCloses.add(1);
    throw new Error(`a subscriber ended: ${reason}`);
  }

  /** As they happen, because nothing runs any more after a Ctrl-C. What was `lost` and comes late is taken back. */
  #countFaults(): void {
    const counts = this.#audit.counts(this.#audit.latest);
    for (const { name, counter } of faults) {
      if (counts[name] !== this.#counted[name]) counter.add(counts[name] - this.#counted[name]);
    }
    this.#counted = counts;
  }
}

/** After which a chunk is told, however long it has waited. */
const MOST_FIGURES = 100 * MESSAGE_FIGURES;
const VERY_LONG_SECONDS = 86_400;

/** Tells feedbench what one subscriber sees, in chunks; the audit is made there. */
export class LineObserver implements Observer {
  readonly #client: number;
  readonly #telling: Telling;
  readonly #messages: number[] = [];
  readonly #answers: number[] = [];
  #isTimed = false;

  constructor(client: number, telling: Telling) {
    this.#client = client;
    this.#telling = telling;
  }

  opened(): void {
    tell({ kind: 'opened', client: this.#client });
  }

  message({ seq, dueNs, publishedNs }: FrameHead, bytes: number, receivedMs: number): void {
    this.#messages.push(seq, dueNs, publishedNs, bytes, receivedMs);
    if (this.#messages.length >= MOST_FIGURES) this.waiting();
    else if (this.#telling.by === 'timer' && !this.#isTimed) this.#tellLater(receivedMs, this.#telling.phase);
  }

  notice(notice: Notice): void {
    this.waiting();
    tell({ kind: 'notice', client: this.#client, notice });
  }

  foreign(): void {
    tell({ kind: 'foreign', client: this.#client });
  }

  answered(messages: number, receivedMs: number): void {
    this.#answers.push(messages, receivedMs);
  }

  waiting(): void {
    if (this.#messages.length === 0 && this.#answers.length === 0) return;
    tell({ kind: 'seen', client: this.#client, messages: this.#messages, answers: this.#answers });
    this.#messages.length = 0;
    this.#answers.length = 0;
  }

  /** Holds on to the VU: k6 ends when none is left, and feedbench is to say when. */
  ended(reason: string): void {
    this.waiting();
    tell({ kind: 'ended', client: this.#client, reason });
    sleep(VERY_LONG_SECONDS);
  }

  /** Each client has moments of its own, so that not all of them tell at once, in the way of the next message. */
  #tellLater(nowMs: number, phase: number): void {
    this.#isTimed = true;
    setTimeout(
      () => {
        this.#isTimed = false;
        this.waiting();
      },
      TELL_EVERY_MS - ((nowMs - phase * TELL_EVERY_MS) % TELL_EVERY_MS),
    );
  }
}

/** When a chunk is told: by a timer at a phase of 0..1, or when the script, which blocks, says that it waits. */
export type Telling = { readonly by: 'timer'; readonly phase: number } | { readonly by: 'script' };

function tell(line: Line): void {
  // oxlint-disable-next-line no-console -- the one way out of a script of k6
  console.log(LINE_MARK + JSON.stringify(line));
}
