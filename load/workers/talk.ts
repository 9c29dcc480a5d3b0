import { setImmediate, setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SendCommand } from '../../scenarios/feed/command.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import type { SaidMessage, Script } from '../../scenarios/feed/script.ts';
import { type Answer, isAccepted } from '../../scenarios/feed/signal.ts';
import type { Payload } from '../../scenarios/feed/workload.ts';
import type { Recorder } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Session } from '../../servers/transport.ts';
import type { MemberAudit } from '../subscribers/member-audit.ts';
import type { Spoken } from '../subscribers/spoken.ts';

/** One client that talks. */
export interface Speaker {
  readonly session: Session;
  readonly audit: MemberAudit;
  /** Its session ended, and does not come back. */
  readonly isLost: boolean;
}

export interface TalkOptions {
  readonly script: Script;
  readonly payload: Payload;
  readonly seed: number;
  /** Those of this process, by their numbers over all processes. */
  readonly speakers: ReadonlyMap<number, Speaker>;
}

/** When a talk begins, and where it is recorded. */
export interface Talked {
  readonly originNs: number;
  readonly recorder: Recorder;
  /** Called before what happens at a moment is counted. */
  readonly advance: (nowNs: number) => void;
  /** Called for each turn of the loop in which nothing was done but to wait. */
  readonly waited: (turnNs: number) => void;
}

/** What a client does when it is due, in nanoseconds from the start of the feed. */
type Deed = { readonly offsetNs: number; readonly client: number } & (
  | { readonly kind: 'send'; readonly message: SaidMessage }
  | { readonly kind: 'typing' | 'join' | 'leave'; readonly channel: string }
);

/** Who says something, and where what comes of it is recorded. */
interface Told {
  readonly speaker: Speaker;
  readonly talked: Talked;
}

type Command = Parameters<NonNullable<Session['say']>>[0];

/** How long an answer may take when all has been said: a node may stand still. */
const PATIENCE_NS = 5000 * NS_PER_MS;
const CHECK_EVERY_MS = 5;
/** Timers ring on whole milliseconds, and up to one late: the rest is waited for turn by turn of the loop. */
const TIMER_SLACK_MS = 1.5;
/** A turn of the loop that took less has read nothing. */
const EMPTY_TURN_NS = 20_000;

/**
 * What the clients of one process say, each when it is due: on an absolute schedule, so what is late is said all the same, and
 * its lateness recorded. Knows in the end what became of all that was said.
 */
export class Talk {
  readonly #options: TalkOptions;
  readonly #agenda: readonly Deed[];
  /** What was due so far, by its place in the feed, and its number in the log. */
  readonly #spoken = new Map<number, number | null>();
  readonly #unanswered = new Map<Speaker, number>();
  #next = 0;
  /** When the next deed is due; never before this talk begins, and when all is done. */
  #dueNs = Number.POSITIVE_INFINITY;
  #doDue: () => void = () => undefined;
  #refused = 0;
  #refusal: string | undefined;
  readonly #stop = new AbortController();

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#agenda = agendaOf(options);
  }

  /** Why the first of the commands was not done that were not. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  get spoken(): Spoken {
    return [...this.#spoken];
  }

  get counts(): { readonly unanswered: number; readonly refused: number } {
    return { unanswered: total(this.#unanswered.values()), refused: this.#refused };
  }

  /** Begins to talk; resolves when all has been said, and answered as far as it will be. */
  async hold(talked: Talked): Promise<void> {
    const { signal } = this.#stop;
    this.#doDue = () => {
      while (!signal.aborted && monotonicNs() >= this.#dueNs) this.#doNext(talked);
    };
    this.#dueNs = this.#nextDueNs(talked);
    while (!signal.aborted && Number.isFinite(this.#dueNs)) {
      await waitFor(this.#dueNs, signal, talked.waited);
      this.#doDue();
    }
    const endNs = monotonicNs() + PATIENCE_NS;
    while (this.#isAwaited && monotonicNs() < endNs) await setTimeout(CHECK_EVERY_MS);
  }

  /**
   * Says what is due by now, called between what is heard: a turn of the loop in which a room hears something takes
   * milliseconds, and nobody is to wait for the end of it who has something to say. Not within the caller, whose session is
   * in the middle of what came.
   */
  interject(nowNs: number): void {
    if (nowNs >= this.#dueNs) queueMicrotask(this.#doDue);
  }

  /** Nothing more is said. */
  stop(): void {
    this.#stop.abort();
  }

  /** Who is lost hears no answer any more. */
  get #isAwaited(): boolean {
    return [...this.#unanswered].some(([{ isLost }, count]) => count > 0 && !isLost);
  }

  #nextDueNs({ originNs }: Talked): number {
    return originNs + (this.#agenda[this.#next]?.offsetNs ?? Number.POSITIVE_INFINITY);
  }

  #doNext(talked: Talked): void {
    const deed = this.#agenda[this.#next];
    this.#next += 1;
    this.#dueNs = this.#nextDueNs(talked);
    const speaker = this.#options.speakers.get(deed?.client ?? -1);
    if (deed === undefined || speaker === undefined) return;
    if (deed.kind === 'send') this.#send(speaker, deed.message, talked);
    else this.#tell(speaker, deed, talked);
  }

  /** Whoever cannot say it any more was to say it all the same: it is missed by those who were to hear it. */
  #send(speaker: Speaker, { index, offsetNs, channel, n }: SaidMessage, talked: Talked): void {
    const { payload, seed } = this.#options;
    this.#spoken.set(index, null);
    if (speaker.isLost) return;
    const dueNs = talked.originNs + offsetNs;
    const publishedNs = monotonicNs();
    const data = JSON.parse(payloadData(payload, seed, index)) as SendCommand['data'];
    talked.advance(publishedNs);
    talked.recorder.record('lateness', publishedNs - dueNs, dueNs);
    talked.recorder.count('published', 1, publishedNs);
    const told: Told = { speaker, talked };
    this.#say(told, { type: 'send', channel, n, dueNs, publishedNs, data }, (answer, receivedNs) => {
      if (!isAccepted(answer)) return;
      talked.advance(receivedNs);
      talked.recorder.record('acknowledgement', Math.max(0, receivedNs - publishedNs), dueNs);
      talked.recorder.count('acknowledged', 1, receivedNs);
      if (answer.again === true) talked.recorder.count('saidAgain', 1, receivedNs);
      this.#spoken.set(index, answer.seq);
    });
  }

  #tell(speaker: Speaker, { kind, channel }: Exclude<Deed, { kind: 'send' }>, talked: Talked): void {
    if (speaker.isLost) return;
    const nowNs = monotonicNs();
    talked.advance(nowNs);
    talked.recorder.count('otherCommands', 1, nowNs);
    this.#say(
      { speaker, talked },
      { type: kind, channel },
      kind === 'typing' ? undefined : speaker.audit[kind](channel),
    );
  }

  #say({ speaker, talked }: Told, command: Command, take?: (answer: Answer, receivedNs: number) => void): void {
    const { session } = speaker;
    if (session.say === undefined) throw new TypeError('a client of this transport only listens');
    this.#unanswered.set(speaker, (this.#unanswered.get(speaker) ?? 0) + 1);
    session.say(command, (answer, receivedNs) => {
      this.#unanswered.set(speaker, (this.#unanswered.get(speaker) ?? 0) - 1);
      take?.(answer, receivedNs);
      if (isAccepted(answer)) return;
      talked.advance(receivedNs);
      talked.recorder.count('refusals', 1, receivedNs);
      this.#refused += 1;
      this.#refusal ??= `${command.type}: ${answer.error}`;
    });
  }
}

/** What these clients do, in the order in which it is due; what is due at one moment, as it stands in the script. */
function agendaOf({ script: { messages, typings, visits }, speakers }: TalkOptions): Deed[] {
  const deeds: Deed[] = [
    ...visits.flatMap(({ client, channel, joinNs, leaveNs }): Deed[] => [
      { kind: 'join', client, channel, offsetNs: joinNs },
      ...(leaveNs === undefined ? [] : [{ kind: 'leave' as const, client, channel, offsetNs: leaveNs }]),
    ]),
    ...typings.map(({ sender, channel, offsetNs }): Deed => ({ kind: 'typing', client: sender, channel, offsetNs })),
    ...messages.flatMap((message): Deed[] => {
      const { sender, offsetNs } = message;
      return typeof sender === 'number' ? [{ kind: 'send', client: sender, message, offsetNs }] : [];
    }),
  ];
  return deeds.filter(({ client }) => speakers.has(client)).toSorted((a, b) => a.offsetNs - b.offsetNs);
}

/** Until then, or for a step of it. */
async function waitFor(dueNs: number, stop: AbortSignal, waited: Talked['waited']): Promise<void> {
  const nowNs = monotonicNs();
  const timerMs = Math.floor((dueNs - nowNs) / NS_PER_MS - TIMER_SLACK_MS);
  if (timerMs >= 1) {
    await setTimeout(timerMs, undefined, { signal: stop }).catch(() => undefined);
    return;
  }
  await setImmediate();
  const turnNs = monotonicNs() - nowNs;
  if (turnNs < EMPTY_TURN_NS) waited(turnNs);
}

function total(counts: Iterable<number>): number {
  return [...counts].reduce((sum, count) => sum + count, 0);
}
