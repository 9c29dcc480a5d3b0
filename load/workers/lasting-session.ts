import { randomBytes } from 'node:crypto';
import type { Random } from '../../scenarios/feed/random.ts';
import { afterMessage, afterNotice } from '../../scenarios/feed/resume-point.ts';
import type { MessageHeader, Notice } from '../../scenarios/feed/message.ts';
import { isFinal, NOT_TRIED, nextWaitMs, type ReconnectPolicy, type Tried } from '../../scenarios/reconnect/policy.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import type {
  Answered,
  OpenSession,
  Session,
  SessionCommand,
  SessionEvents,
  SessionOptions,
} from '../../servers/transport.ts';
import type { Target } from '../generator.ts';
import { Commands } from './commands.ts';

export interface LastingOptions {
  readonly policy: ReconnectPolicy;
  readonly random: Random;
  /** Where it goes in turn, beginning with its first node: each try is at the next one. */
  readonly targets: readonly Target[];
  /** It comes back as its kind does when it is left alone: by itself, if it can and has one node only. */
  readonly isStock?: boolean;
  /** How long a try may take. */
  readonly openMs?: number;
  /** A watchdog: a connection on which nothing came for so long, not a byte, is given up. Absent: there is none. */
  readonly silentMs?: number;
}

/** What socket.io-client waits for a connection, and more than a held poll is silent. */
const OPEN_MS = 30_000;
/** A node that is behind the one before lacks what is on its way; one that lacks more has another feed. */
const MOST_BEHIND = 1000;
const TAB_BYTES = 4;
/** A watchdog looks so often in the time that it allows. */
const LOOKS = 8;

/**
 * Sessions that follow one another as one: where a connection ends that stood, the client comes back by a policy, at the next
 * node, with the number of the last message that it has; it says again, in order, what was not answered, and follows what it
 * had joined. Its owner is told when it was dropped and when it is back; `lost` means that it does not come back. A first
 * connection that does not come about is lost at once: what does not begin is no disruption.
 */
export function openLasting(openSession: OpenSession, lasting: LastingOptions): OpenSession {
  return (options, events) => new LastingSession({ openSession, options, events, lasting });
}

interface Parts {
  readonly openSession: OpenSession;
  readonly options: SessionOptions;
  readonly events: SessionEvents;
  readonly lasting: LastingOptions;
}

class LastingSession implements Session {
  readonly #parts: Parts;
  readonly #commands: Commands;
  /** What it followed when it began, and what it has joined and left since. */
  readonly #channels: Set<string>;
  /** It is the same client whichever node it asks. */
  readonly #tab: string;
  #session: Session | undefined;
  /** Where that is, or was last. */
  #target: Target;
  /** What is told of another try than this one is of a connection that was given up. */
  #attempt: object | undefined;
  /** The one before may not have counted its last bytes when it ended. */
  #ended: Session | undefined;
  /** What a server that remembers sessions is shown. */
  #remembered: string | undefined;
  #bytesReadBefore = 0;
  #bytesWrittenBefore = 0;
  /** Of the messages that the owner was told; it asks for what comes after. */
  #resumePoint = 0;
  #hasPlace: boolean;
  /** A node that is behind says again what the owner has, up to this number. */
  #known = 0;
  #turn = 0;
  #tried: Tried = NOT_TRIED;
  #state: 'new' | 'open' | 'away' | 'over' = 'new';
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { position, member } = parts.options;
    this.#hasPlace = position.kind === 'after';
    this.#target = parts.options;
    if (position.kind === 'after') this.#resumePoint = position.seq;
    this.#channels = new Set(member?.channels);
    this.#tab = member?.tab ?? randomBytes(TAB_BYTES).toString('hex');
    this.#commands = new Commands((command) => {
      if (command.type === 'join') this.#channels.add(command.channel);
      if (command.type === 'leave') this.#channels.delete(command.channel);
    });
    this.#open();
  }

  get extraConnections(): number {
    return this.#session?.extraConnections ?? 0;
  }

  get bytesRead(): number {
    return this.#bytesReadBefore + (this.#ended?.bytesRead ?? 0) + (this.#session?.bytesRead ?? 0);
  }

  get bytesWritten(): number {
    return this.#bytesWrittenBefore + (this.#ended?.bytesWritten ?? 0) + (this.#session?.bytesWritten ?? 0);
  }

  say(command: SessionCommand, answered: Answered): void {
    if (this.#state !== 'over') this.#commands.say(command, answered);
  }

  cut(): void {
    if (this.#state !== 'open') return;
    // One that comes back by itself is not let go of.
    if (this.#session?.cut !== undefined) {
      this.#session.cut();
      return;
    }
    this.#session?.close();
    this.#lost({ code: 'cut' });
  }

  close(): void {
    this.#end();
    this.#session?.close();
  }

  #open(): void {
    const { openSession, options, lasting } = this.#parts;
    const { targets, openMs = OPEN_MS } = lasting;
    const target = targets[this.#turn % Math.max(1, targets.length)] ?? options;
    this.#turn += 1;
    this.#target = target;
    const attempt = {};
    this.#attempt = attempt;
    const isCurrent = (): boolean => this.#attempt === attempt && this.#state !== 'over';
    if (this.#state === 'away') {
      this.#timer = setTimeout(() => {
        if (isCurrent()) this.#giveUpConnection();
      }, openMs);
    }
    const session = openSession(this.#optionsAt(target), this.#eventsOf(isCurrent));
    // One that has ended by now was told of already.
    if (isCurrent()) this.#session = session;
  }

  #optionsAt({ host, port }: Target): SessionOptions {
    const { options, lasting } = this.#parts;
    const { member } = options;
    const stock = { began: options.position, hasOneNode: lasting.targets.length < 2 };
    return {
      ...options,
      host,
      port,
      position: this.#hasPlace ? { kind: 'after', seq: this.#resumePoint } : options.position,
      ...(this.#remembered !== undefined && { remembered: this.#remembered }),
      ...(lasting.isStock === true && { stock }),
      ...(member !== undefined && { member: { ...member, tab: this.#tab, channels: [...this.#channels] } }),
    };
  }

  #eventsOf(isCurrent: () => boolean): SessionEvents {
    const { events } = this.#parts;
    return {
      opened: () => {
        if (isCurrent()) this.#opened();
      },
      message: (header, payloadBytes, receivedNs) => {
        if (isCurrent() && this.#isNews(header)) events.message(header, payloadBytes, receivedNs);
      },
      notice: (notice) => {
        if (isCurrent()) this.#notice(notice);
      },
      signal: (signal, receivedNs) => {
        if (isCurrent()) events.signal(signal, receivedNs);
      },
      foreign: (bytes) => {
        if (isCurrent()) events.foreign(bytes);
      },
      answered: (messages, receivedNs) => {
        if (isCurrent()) events.answered(messages, receivedNs);
      },
      state: (held) => {
        if (isCurrent()) events.state?.(held);
      },
      reopened: () => {
        if (isCurrent()) events.reopened();
      },
      lost: (end) => {
        if (isCurrent()) this.#lost(end);
      },
      dropped: (end) => {
        if (isCurrent()) this.#dropped(end);
      },
      tries: () => {
        if (isCurrent()) events.tries?.();
      },
      back: () => {
        if (isCurrent()) this.#opened();
      },
    };
  }

  /** False of what the owner was told before. */
  #isNews({ seq, intact }: MessageHeader): boolean {
    if (!intact) return true;
    if (seq <= this.#known) return false;
    this.#known = 0;
    this.#hasPlace = true;
    this.#resumePoint = afterMessage(this.#resumePoint, seq);
    return true;
  }

  #notice(notice: Notice): void {
    const before = this.#resumePoint;
    if (notice.notice === 'reset' && before - notice.latest <= MOST_BEHIND && notice.latest < before) {
      this.#known = before;
      return;
    }
    this.#hasPlace = true;
    this.#resumePoint = afterNotice(before, notice);
    this.#parts.events.notice(notice);
  }

  #opened(): void {
    const { events } = this.#parts;
    const isFirst = this.#state === 'new';
    clearTimeout(this.#timer);
    this.#state = 'open';
    this.#tried = NOT_TRIED;
    this.#watch();
    if (isFirst) events.opened();
    else events.back?.();
    if (this.#session !== undefined) this.#commands.carryBy(this.#session);
  }

  /** The session at hand comes back by itself. */
  #dropped(end: SessionEnd): void {
    clearTimeout(this.#timer);
    this.#commands.drop();
    this.#state = 'away';
    this.#parts.events.dropped?.(end, this.#target);
  }

  #lost(end: SessionEnd): void {
    const { lasting, events } = this.#parts;
    const isFirst = this.#state === 'new';
    const stood = this.#state === 'open';
    this.#letGo();
    if (stood) events.dropped?.(end, this.#target);
    const waitMs =
      isFirst || isFinal(lasting.policy, end) ? undefined : nextWaitMs(lasting.policy, this.#tried, lasting.random);
    if (waitMs === undefined) {
      this.#end();
      events.lost(end);
      return;
    }
    this.#state = 'away';
    this.#tried = { tries: this.#tried.tries + 1, waitedMs: waitMs };
    this.#timer = setTimeout(() => {
      events.tries?.();
      this.#open();
    }, waitMs);
  }

  /** Where a connection is silent, or does not come about, nothing but its client ends it. */
  #giveUpConnection(): void {
    this.#session?.close();
    this.#lost({ code: 'silent' });
  }

  #letGo(): void {
    clearTimeout(this.#timer);
    this.#attempt = undefined;
    this.#commands.drop();
    this.#bytesReadBefore += this.#ended?.bytesRead ?? 0;
    this.#bytesWrittenBefore += this.#ended?.bytesWritten ?? 0;
    this.#remembered = this.#session?.remembered ?? this.#remembered;
    this.#ended = this.#session;
    this.#session = undefined;
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#state = 'over';
    this.#commands.drop();
  }

  #watch(): void {
    const { silentMs } = this.#parts.lasting;
    if (silentMs === undefined) return;
    let bytes = -1;
    let quietMs = 0;
    const look = (): void => {
      const now = this.#session?.bytesRead ?? 0;
      quietMs = now === bytes ? quietMs + silentMs / LOOKS : 0;
      bytes = now;
      if (quietMs >= silentMs) this.#giveUpConnection();
      else this.#timer = setTimeout(look, silentMs / LOOKS);
    };
    look();
  }
}
