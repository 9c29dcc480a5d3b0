import { crc32 } from 'node:zlib';
import {
  type Content,
  CRC_FIELD,
  MESSAGE_END,
  type Origin,
  type Speaker,
  unnumbered,
} from '../../scenarios/feed/message.ts';
import { encodeSignal, type Signal } from '../../scenarios/feed/signal.ts';
import type { PresenceSnapshot, Said } from '../hub/conversation.ts';
import { newIdentity } from './backplane.ts';
import { crcSteps } from './crc-steps.ts';
import type { CommandConnection } from './redis-scripts.ts';

interface FeedOptions {
  readonly feed: string;
  readonly historyMessages: number;
  /** Senders of whom it is known what they said last. */
  readonly mostSenders: number;
  /** A feed that nobody looks after any more is forgotten. */
  readonly forgetOnClose: boolean;
}

/** A message as it lies in the history, or comes from a subscription. */
export interface Incoming {
  readonly seq: number;
  readonly body: string;
}

/** A user of a node comes or goes; `body` is the message that tells it to all. */
export interface UserChange {
  readonly user: string;
  readonly isHere: boolean;
  readonly body: string;
}

/** How far a step came: changes that were done, messages that were needed for them, users that the node has left. */
interface Changed {
  readonly done: number;
  readonly told: number;
  readonly left: number;
}

/** Where the names of a node are: the one it has, and the one it may have had. */
interface NodeNames {
  readonly name: string;
  readonly earlier: string;
}

/** The feed that the node knows is gone: a Redis that was restarted without its data begins another one. */
export class FeedRestarted extends Error {
  override readonly name = 'FeedRestarted';

  constructor() {
    super(
      'it came back without the feed, or the last of it: its numbers, what each sender had said last and who was online are gone, so all nodes refuse what is asked of them until they are restarted',
    );
  }
}

/** What nobody looks after any more, because all nodes were killed. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/**
 * One feed in Redis, and what a node can do with it. An identity, kept beside the counter, tells a feed that goes on from one that
 * began anew: the numbers alone could not.
 */
export class RedisFeed {
  /** Channels of Redis. */
  readonly messages: string;
  readonly signals: string;
  readonly #commands: CommandConnection;
  readonly #options: FeedOptions;
  readonly #key: (name: string) => string;
  #identity: string | undefined;

  constructor(commands: CommandConnection, options: FeedOptions) {
    this.#commands = commands;
    this.#options = options;
    this.#key = (name) => `feedbench:{${options.feed}}:${name}`;
    this.messages = this.#key('messages');
    this.signals = this.#key('signals');
  }

  /** Empty before it was asked for messages the first time. */
  get identity(): string {
    return this.#identity ?? '';
  }

  /** The feed is there, where nobody has begun it. */
  async begin(): Promise<void> {
    const [key, identity] = [this.#key('identity'), newIdentity()];
    if (this.#lifetimeMs === 0) await this.#commands.set(key, identity, 'NX');
    else await this.#commands.set(key, identity, 'PX', this.#lifetimeMs, 'NX');
  }

  /** What is kept of the messages behind `seq`. The first time tells which feed it is. */
  async after(seq: number): Promise<Incoming[]> {
    const identity = this.#key('identity');
    // One after the other on one connection: with the same identity before and after, the history is that feed's.
    const [before, counter, entries, after] = await Promise.all([
      this.#commands.get(identity),
      this.#commands.get(this.#key('seq')),
      this.#commands.xrange(this.#key('history'), `${seq + 1}-0`, '+'),
      this.#commands.get(identity),
    ]);
    this.#identity ??= before ?? undefined;
    // One that lost its last second only has the same identity, and would give numbers a second time.
    if (before !== this.#identity || after !== this.#identity || Number(counter) < seq) throw new FeedRestarted();
    return entries.map(([id, [, body = '']]) => ({ seq: Number.parseInt(id, 10), body }));
  }

  /** How far it is. */
  async latest(): Promise<number> {
    return Number(await this.#commands.get(this.#key('seq')));
  }

  async append(body: string): Promise<number> {
    return ofThisFeed(await this.#commands.feedAppend(...this.#keys(), ...this.#appending(), body));
  }

  async say(origin: Origin, body: string): Promise<Said> {
    const answer = ofThisFeed(await this.#commands.feedSay(...this.#saying(origin), origin.n, body));
    if (typeof answer === 'number') return { kind: 'taken', seq: answer };
    const [kind, last, seq] = answer;
    return kind === 'again' ? { kind, seq, last } : { kind, last };
  }

  async sayNext(speaker: Speaker, content: Content): Promise<number> {
    const { before, behind } = unnumbered(speaker, content);
    const sealed = [before, behind, crc32(before), CRC_FIELD, MESSAGE_END, ...crcSteps(behind)];
    return ofThisFeed(await this.#commands.feedSayNext(...this.#saying(speaker), ...sealed));
  }

  async signal(signal: Signal): Promise<void> {
    await this.#commands.publish(this.signals, encodeSignal(signal));
  }

  /** The node has a new name, and may be silent for so long. Returns the users that Redis has for it. */
  async register({ name, earlier }: NodeNames, silentMs: number): Promise<'gone' | readonly string[]> {
    const keys = [this.#key('identity'), this.#key('nodes'), this.#users(name), this.#users(earlier)];
    return ofThisFeed(
      await this.#commands.feedRegister(...keys, this.#identity ?? '', silentMs, name, earlier, this.#lifetimeMs),
    );
  }

  /** The node `name` tells of users of its own, or buries those of another one. */
  async change(name: string, of: string, changes: readonly UserChange[]): Promise<'gone' | Changed> {
    const told = changes.flatMap(({ user, isHere, body }) => [isHere ? '+' : '-', user, body]);
    const keys = [...this.#keys('nodes', 'online'), this.#users(of)];
    const answer = ofThisFeed(await this.#commands.feedChange(...keys, ...this.#appending(), name, of, ...told));
    if (answer === 'gone') return answer;
    const [done, messages, left] = answer;
    return { done, told: messages, left };
  }

  /** The node is there. Returns those that are to be buried. */
  async beat(
    name: string,
    { silentMs, timelyMs }: { silentMs: number; timelyMs: number },
  ): Promise<'gone' | readonly string[]> {
    return this.#commands.feedBeat(...this.#keysOf(name), name, this.#lifetimeMs, silentMs, timelyMs);
  }

  async leave(name: string): Promise<void> {
    await this.#commands.feedLeave(...this.#keysOf(name), name, this.#lifetimeMs);
  }

  /** Some of the users that a node has. */
  async usersOf(name: string, most: number): Promise<string[]> {
    return this.#commands.srandmember(this.#users(name), most);
  }

  async snapshot(): Promise<PresenceSnapshot> {
    const keys = [this.#key('identity'), this.#key('seq'), this.#key('online')];
    const [seq, users] = ofThisFeed(await this.#commands.feedSnapshot(...keys, this.#identity ?? ''));
    return { seq: Number(seq), users };
  }

  /** How many users are online, this one among them. */
  async online(user: string): Promise<number> {
    const online = this.#key('online');
    const [identity, users, isThere] = await Promise.all([
      this.#commands.get(this.#key('identity')),
      this.#commands.hlen(online),
      this.#commands.hexists(online, user),
    ]);
    if (identity !== this.#identity) throw new FeedRestarted();
    return users + 1 - isThere;
  }

  /** What every step that appends has to know. */
  #keys(...further: readonly string[]): string[] {
    return ['seq', 'history', 'identity', ...further].map(this.#key);
  }

  #appending(): (string | number)[] {
    return [this.#identity ?? '', this.messages, this.#options.historyMessages, this.#lifetimeMs];
  }

  /** And every step of what somebody says. */
  #saying({ channel, from }: Speaker): (string | number)[] {
    return [...this.#keys('said', 'quiet'), ...this.#appending(), `${channel} ${from}`, this.#options.mostSenders];
  }

  #keysOf(name: string): string[] {
    return [this.#key('nodes'), this.#users(name), ...this.#keys('said', 'quiet', 'online')];
  }

  #users(name: string): string {
    return this.#key(`users:${name}`);
  }

  get #lifetimeMs(): number {
    return this.#options.forgetOnClose ? FORGOTTEN_AFTER_MS : 0;
  }
}

function ofThisFeed<Told>(answer: Told | null): Told {
  if (answer === null) throw new FeedRestarted();
  return answer;
}
