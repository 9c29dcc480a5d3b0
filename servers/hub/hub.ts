import { monotonicNs } from '../../scenarios/clock.ts';
import { FEED_CHANNEL, mayFollow, maySay, MOST_CHANNELS, userChannel } from '../../scenarios/feed/channels.ts';
import type { Command, SendCommand } from '../../scenarios/feed/command.ts';
import { encodeSaid } from '../../scenarios/feed/message.ts';
import { type Answer, encodeSignal, rejected, type Signal } from '../../scenarios/feed/signal.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { Audience } from '../feed/audience.ts';
import type { ChannelledLog, Log, ReadableLog } from '../feed/log.ts';
import { SubscribedLog } from '../feed/subscribed-log.ts';
import type { Admission, Credentials, Identity, Refusal, Verifier } from './admission.ts';
import { Attendance } from './attendance.ts';
import type { Conversation, PresenceSnapshot } from './conversation.ts';
import { isNamed } from './credentials.ts';
import { atWallClock } from './expiry.ts';
import { inTime } from './patience.ts';
import { type Visit, Visits } from './visits.ts';

/** What a door does for one client that it holds a connection to. */
export interface MemberEvents {
  /** From now on what comes in the channel is for this client, or no longer. */
  joined(channel: string): void;
  left(channel: string): void;
  /** A signal, encoded once for all. */
  signal(bytes: Buffer): void;
  /** The client's right to be here has ended. */
  expired(): void;
}

export interface HubOptions {
  readonly log: Log;
  /** Absent where nodes have no common log: nobody may say anything then. */
  readonly conversation: Conversation | undefined;
  /** What clients read in the place of the log, where they get the newest of each key alone. */
  readonly newest: ChannelledLog | undefined;
  /** Absent where anybody is believed. */
  readonly verifier: Verifier | undefined;
  /** How long who polls is there after a poll, in milliseconds. */
  readonly awayMs: number;
}

/** A client that has no connection which stays: who asks, what for, and which of the user's pages it is. */
export interface Caller {
  readonly identity: Identity;
  readonly channels: ReadonlySet<string>;
  /** Empty where it does not say. */
  readonly tab: string;
}

/** One request of a client that polls. */
interface Polled {
  /** What it follows. */
  readonly log: ReadableLog;
  /** Undefined for whoever has no name, or where nobody talks. */
  readonly visit: Visit | undefined;
}

/** Commands of one client that may wait for their answers; what comes beyond is refused. */
const MOST_PENDING = 256;
/** A client that waits for who is online goes on without, where a backplane does not answer. */
const MOST_PATIENCE_MS = 1000;

/**
 * Who is connected to a node, to what they listen, and by what right. A door has it, and says how it carries what is told here;
 * what clients may do is the same at every door.
 */
export class Hub {
  /** What anybody reads who follows nothing else: the publisher's messages. */
  readonly feed: ReadableLog;
  readonly #options: HubOptions;
  readonly #attendance: Attendance | undefined;
  readonly #members = new Audience<MemberEvents>();
  readonly #visits: Visits | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.feed = this.#logOf(new Set([FEED_CHANNEL]));
    this.#attendance = options.conversation === undefined ? undefined : new Attendance(options.conversation.presence);
    const attendance = this.#attendance;
    this.#visits = attendance === undefined ? undefined : new Visits({ attendance, members: this.#members });
  }

  /** All that there is, in every channel: what a door follows for those that are members. */
  get log(): ChannelledLog {
    return this.#options.newest ?? this.#options.log;
  }

  /** Whether anybody may say anything here; otherwise all that comes is the publisher's feed. */
  get talks(): boolean {
    return this.#options.conversation !== undefined;
  }

  /** Whether clients must show a token. */
  get wantsTokens(): boolean {
    return this.#options.verifier !== undefined;
  }

  async admit({ token, user }: Credentials): Promise<Admission> {
    const { verifier } = this.#options;
    if (verifier !== undefined) return token === undefined ? refused('no-token') : verifier.verify(token);
    if (user !== undefined && !isNamed(user)) return refused('bad-user');
    return { kind: 'admitted', identity: { user, expiresAtMs: undefined } };
  }

  /** A client that holds a connection. Whoever has a name is online until `leave`. */
  enter(identity: Identity, channels: ReadonlySet<string>, events: MemberEvents): Member {
    const { user } = identity;
    const followed = new Set(channels);
    this.#members.add(events, followed);
    if (user !== undefined) this.#attendance?.enter(user);
    const callOff =
      identity.expiresAtMs === undefined ? undefined : atWallClock(identity.expiresAtMs, () => events.expired());
    let pending = 0;
    const obey = async (command: Command): Promise<Answer> => {
      if (pending >= MOST_PENDING) return rejected('too-many');
      // Who was told to go may go on to talk until the connection ends.
      if (isOver(identity)) return rejected('forbidden');
      pending += 1;
      try {
        if (command.type === 'join') return this.#join(command.channel, { identity, followed, events });
        if (command.type === 'leave') return this.#leaveChannel(command.channel, { identity, followed, events });
        return await this.obey(identity, command);
      } finally {
        pending -= 1;
      }
    };
    return {
      identity,
      channels: followed,
      log: this.#logOf(followed),
      obey,
      leave: () => {
        callOff?.();
        this.#members.remove(events, followed);
        if (user !== undefined) this.#attendance?.leave(user);
      },
    };
  }

  /** A client polls: it is online for a while, `mostMs` at most, from now on. */
  visit({ identity: { user }, channels, tab }: Caller, mostMs = Number.POSITIVE_INFINITY): Polled {
    const ms = Math.min(this.#options.awayMs, mostMs);
    const visit = user === undefined ? undefined : this.#visits?.see({ user, tab }, channels, ms);
    return { log: this.#logOf(channels), visit };
  }

  /** A client that polls says that it goes. */
  goodbye({ identity: { user }, tab }: Caller): void {
    if (user !== undefined) this.#visits?.end({ user, tab });
  }

  /** What anybody may do who is known; never rejects. */
  async obey(identity: Identity, command: Command): Promise<Answer> {
    const { user } = identity;
    const { conversation } = this.#options;
    if (user === undefined || conversation === undefined || isOver(identity)) return rejected('forbidden');
    switch (command.type) {
      case 'send':
        return this.#send(user, command, conversation);
      case 'typing':
        if (!maySay(command.channel)) return rejected('forbidden');
        conversation.signal({ signal: 'typing', channel: command.channel, from: user });
        return { seq: null };
      case 'auth':
      case 'join':
      case 'leave':
        return rejected('malformed');
      default:
        return command satisfies never;
    }
  }

  /** What this client is told first. */
  async welcome({ user }: Identity): Promise<Signal> {
    const { conversation, log } = this.#options;
    const asked = user === undefined ? undefined : conversation?.presence.online(user);
    const online = asked === undefined ? undefined : await inTime(asked, MOST_PATIENCE_MS);
    return { signal: 'welcome', user: user ?? null, online: online ?? null, latest: log.latest };
  }

  /** Who is online, on whichever node; undefined where nobody knows, or not within a second. */
  async presence(): Promise<PresenceSnapshot | undefined> {
    const { conversation } = this.#options;
    return conversation === undefined ? undefined : inTime(conversation.presence.snapshot(), MOST_PATIENCE_MS);
  }

  /** The backplane has a signal for whom it concerns here. */
  tell(signal: Signal): void {
    if (signal.signal !== 'typing') return;
    const bytes = encodeSignal(signal);
    for (const member of this.#members.in(signal.channel)) member.signal(bytes);
  }

  close(): void {
    this.#visits?.close();
  }

  #logOf(channels: ReadonlySet<string>): ReadableLog {
    return new SubscribedLog(this.log, channels);
  }

  async #send(user: string, command: SendCommand, conversation: Conversation): Promise<Answer> {
    const { channel, n } = command;
    if (!maySay(channel)) return rejected('forbidden');
    const nowNs = monotonicNs();
    const { dueNs = nowNs, publishedNs = nowNs } = command;
    const content = { dueNs, publishedNs, data: JSON.stringify(command.data) };
    try {
      if (n === undefined) return { seq: await conversation.sayNext({ channel, from: user }, content) };
      const origin = { channel, from: user, n };
      const said = await conversation.say(origin, encodeSaid(origin, content));
      if (said.kind === 'taken') return { seq: said.seq };
      return said.kind === 'again' ? { seq: said.seq, again: true } : rejected('out-of-order');
    } catch (error) {
      return { error: errorMessage(error), reason: 'unavailable' };
    }
  }

  #join(channel: string, { identity, followed, events }: Following): Answer {
    if (!mayFollow(channel, identity.user)) return rejected('forbidden');
    if (!followed.has(channel) && followed.size > MOST_CHANNELS) return rejected('too-many');
    followed.add(channel);
    this.#members.join(events, channel);
    events.joined(channel);
    return { seq: this.log.latest };
  }

  #leaveChannel(channel: string, { identity: { user }, followed, events }: Following): Answer {
    if (user !== undefined && channel === userChannel(user)) return rejected('forbidden');
    followed.delete(channel);
    this.#members.leave(events, channel);
    events.left(channel);
    return { seq: this.log.latest };
  }
}

/** One client, as its door knows it. */
export interface Member {
  readonly identity: Identity;
  readonly channels: ReadonlySet<string>;
  /** What it follows. */
  readonly log: ReadableLog;
  /** Does what the client says; never rejects. */
  obey(command: Command): Promise<Answer>;
  leave(): void;
}

interface Following {
  readonly identity: Identity;
  readonly followed: Set<string>;
  readonly events: MemberEvents;
}

function isOver({ expiresAtMs }: Identity): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= Date.now();
}

function refused(refusal: Refusal): Admission {
  return { kind: 'refused', refusal };
}
