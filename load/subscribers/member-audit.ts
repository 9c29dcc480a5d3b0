import type { MessageHeader } from '../../scenarios/feed/message.ts';
import type { SaidMessage } from '../../scenarios/feed/script.ts';
import { type Answer, isAccepted } from '../../scenarios/feed/signal.ts';
import { type Arrival, type AuditCounts, type LossRule, mergeAudits, NOTHING_SAID, SubscriberAudit } from './audit.ts';
import type { ScriptExpectation, Stream } from './script-expectation.ts';
import type { Listener } from './hearing.ts';
import { Membership, type Stay } from './membership.ts';
import { NumberRanges } from './number-ranges.ts';
import type { Published } from './spoken.ts';

/** The number in the log of each message that was said, by its place in the feed; null where nobody knows it. */
export type LogNumbers = ReadonlyMap<number, number | null>;

export interface MemberOptions {
  readonly expectation: ScriptExpectation;
  /** The channels that it follows from start to end. */
  readonly always: readonly string[];
  readonly numbersOf: (published: Published) => LogNumbers;
  /** Which messages of a stream may be left out for newer ones of it. Absent, or undefined: none. */
  readonly ruleOf?: ((stream: Stream) => LossRule | undefined) | undefined;
}

/** Of what one sender said in one channel, what a client is to have: none where `to` is below `from`. */
interface Due {
  readonly stream: Stream;
  readonly from: number;
  readonly to: number;
}

/**
 * Follows what one client hears of a conversation: of every sender, in every channel that it follows, each message once and in
 * order; or of each sender the newest, where that is all that counts. The numbers of the log decide nothing but on which side of a join or a leave a message lies. What comes from a
 * channel that the client does not follow is misplaced.
 */
export class MemberAudit implements Listener {
  readonly #expectation: ScriptExpectation;
  readonly #membership: Membership;
  readonly #numbersOf: MemberOptions['numbersOf'];
  readonly #ruleOf: NonNullable<MemberOptions['ruleOf']>;
  /** What came of each stream. */
  readonly #heard = new Map<Stream, SubscriberAudit>();
  /** What belongs to none. */
  readonly #strays = new SubscriberAudit();
  /** Numbers of the log that the server said to be gone. */
  readonly #declared = new NumberRanges();
  #latest = 0;
  heard: SaidMessage | undefined;
  heardIn: Stream | undefined;
  /** When all of it had come: nothing of it is looked at again. */
  #complete: Published | undefined;

  constructor({ expectation, always, numbersOf, ruleOf = () => undefined }: MemberOptions) {
    this.#expectation = expectation;
    this.#numbersOf = numbersOf;
    this.#ruleOf = ruleOf;
    this.#membership = new Membership(always);
  }

  message(header: MessageHeader): Arrival {
    this.heard = undefined;
    this.heardIn = undefined;
    if (!header.intact) {
      this.#corrupted(header);
      return 'corrupted';
    }
    const found = this.#expectation.find(header);
    if (found === undefined || !this.#membership.mayHear(found.stream.channel, header.seq)) {
      this.#strays.message(0, 'misplaced');
      return 'misplaced';
    }
    this.#of(found.stream).message(found.n, 'right');
    this.heard = found.stream.messages[found.n - 1];
    this.heardIn = found.stream;
    if (header.seq > this.#latest) this.#latest = header.seq;
    return 'right';
  }

  gap(from: number, to: number): void {
    this.#declared.add(from, to);
  }

  foreign(): void {
    this.#strays.foreign();
  }

  /** The client says that it joins; returns who takes the answer. */
  join(channel: string): (answer: Answer) => void {
    const stay = this.#membership.join(channel, this.#latest);
    return (answer) => {
      if (isAccepted(answer)) stay.joined = answer.seq ?? undefined;
    };
  }

  leave(channel: string): (answer: Answer) => void {
    const stay = this.#membership.leave(channel, this.#latest);
    return (answer) => {
      if (stay !== undefined && isAccepted(answer)) stay.left = answer.seq ?? undefined;
    };
  }

  /** That moment; what is due in the channels that it follows throughout. */
  dueBy(atNs: number): number {
    return atNs;
  }

  hasCaughtUp(due: number): boolean {
    return this.#throughout((stream) => this.#expectation.dueIn(stream, due)).every((part) => this.#has(part));
  }

  hasAll(published: Published): boolean {
    if (published !== this.#complete && this.#due(this.#numbersOf(published)).every((part) => this.#has(part)))
      this.#complete = published;
    return published === this.#complete;
  }

  counts(published: Published): AuditCounts {
    const numbers = this.#numbersOf(published);
    const due = this.#due(numbers);
    const absent = due.map(({ stream, from, to }) => ({ stream, absent: this.#of(stream).absent(to), from, to }));
    const lost = absent.map((part) => ({
      ...part,
      absent: this.#ruleOf(part.stream)?.lostOf(part.absent, part.to) ?? part.absent,
    }));
    const countOf = (parts: typeof absent): number =>
      total(parts.map(({ absent: missing, from, to }) => missing.countWithin(from, to)));
    const heard = mergeAudits([this.#strays, ...this.#heard.values()].map((audit) => audit.counts(0)));
    return {
      ...heard,
      ...NOTHING_SAID,
      subscribers: 1,
      expected: total(due.map(({ from, to }) => Math.max(0, to - from + 1))),
      lost: countOf(lost),
      declaredLost: total(lost.map((part) => this.#declaredOf(part, numbers))),
      leftOut: countOf(absent) - countOf(lost),
    };
  }

  #corrupted(header: MessageHeader): void {
    const claimed = this.#expectation.claimed(header);
    if (claimed === undefined) this.#strays.message(0, 'corrupted');
    else this.#of(claimed.stream).message(claimed.n, 'corrupted');
  }

  #of(stream: Stream): SubscriberAudit {
    const known = this.#heard.get(stream) ?? new SubscriberAudit();
    this.#heard.set(stream, known);
    return known;
  }

  #due(numbers: LogNumbers): Due[] {
    const { always, stays } = this.#membership;
    const throughout = this.#throughout((stream) => saidIn(stream, numbers));
    const meanwhile = [...stays]
      .filter(([channel]) => !always.has(channel))
      .flatMap(([channel, own]) =>
        this.#expectation
          .streamsIn(channel)
          .flatMap((stream) => own.map((stay) => ({ stream, ...boundsOf(stay, stream, numbers) }))),
      );
    return [...throughout, ...meanwhile];
  }

  /** Of every stream that it follows from start to end, up to the number that `toOf` has. */
  #throughout(toOf: (stream: Stream) => number): Due[] {
    return [...this.#membership.always].flatMap((channel) =>
      this.#expectation.streamsIn(channel).map((stream) => ({ stream, from: 1, to: toOf(stream) })),
    );
  }

  /** Who has the newest has all, where nothing else counts. */
  #has({ stream, from, to }: Due): boolean {
    const first = this.#ruleOf(stream) === undefined ? from : to;
    return to < from || this.#heard.get(stream)?.absent(to).countWithin(first, to) === 0;
  }

  #declaredOf({ stream, absent, from, to }: Due & { readonly absent: NumberRanges }, numbers: LogNumbers): number {
    if (this.#declared.ranges.length === 0) return 0;
    return stream.messages.filter(({ index, n }) => {
      const seq = numbers.get(index) ?? null;
      const isLost = n >= from && n <= to && absent.countWithin(n, n) === 1;
      return isLost && seq !== null && this.#declared.countWithin(seq, seq) === 1;
    }).length;
  }
}

/** How many of a stream were said: they are said in order. */
function saidIn({ messages }: Stream, numbers: LogNumbers): number {
  return messages.findLast(({ index }) => numbers.has(index))?.n ?? 0;
}

/**
 * What of a stream is certain to lie within a stay: a sender's messages are in the log in their order, so one whose number is
 * not known lies between its neighbours.
 */
function boundsOf({ joined, heardAtLeave }: Stay, stream: Stream, numbers: LogNumbers): { from: number; to: number } {
  const none = { from: 1, to: 0 };
  if (joined === undefined) return none;
  const numberOf = ({ index }: Stream['messages'][number]): number | null => numbers.get(index) ?? null;
  const first = stream.messages.find((message) => (numberOf(message) ?? 0) > joined);
  if (first === undefined) return none;
  if (heardAtLeave === undefined) return { from: first.n, to: saidIn(stream, numbers) };
  const last = stream.messages.findLast((message) => {
    const seq = numberOf(message);
    return seq !== null && seq <= heardAtLeave;
  });
  return last === undefined ? none : { from: first.n, to: last.n };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
