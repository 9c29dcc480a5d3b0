import { randomBytes } from 'node:crypto';
import { monotonicNs } from '../../scenarios/clock.ts';
import { PRESENCE_CHANNEL } from '../../scenarios/feed/channels.ts';
import { encodeSaid } from '../../scenarios/feed/message.ts';
import type { Presence, PresenceChange, PresenceSnapshot } from '../hub/conversation.ts';
import { FeedRestarted, type RedisFeed, type UserChange } from './redis-feed.ts';

interface PresencePlace {
  readonly feed: RedisFeed;
  readonly heartbeatMs: number;
  /** Whether a step may be asked for at all. */
  canAsk(): boolean;
  /** Resolves when this node's log has that number. */
  reached(seq: number): Promise<void>;
  onRestarted(restarted: FeedRestarted): void;
}

/**
 * In heartbeats. A node that dies is silent from its last beat on, and another one looks within a beat: it is buried after 1.8
 * at most. A node that was not heard itself for more than 0.7 buries nobody: Redis may have been away, and others as late.
 * They have their time anew then.
 */
const BEAT = 0.5;
const SILENT = 1.3;
const TIMELY = 0.7;

/** Redis does nothing else meanwhile: about a millisecond. */
const MOST_CHANGES = 100;
const RETRY_AFTER_MS = 250;
const NAME_BYTES = 6;

/** Under which name Redis knows this node. */
type Standing =
  | { readonly kind: 'known'; readonly name: string }
  /** Under the earlier one, under the new one, or not any more. */
  | { readonly kind: 'unsure'; readonly earlier: string; readonly name: string };

/**
 * Who is connected, over Redis. A node has a name there, its *incarnation*, with the users that it has; a hash counts the nodes
 * of each user. What changes is asked for in steps, one at a time, and each step puts the messages into the log that it makes
 * true. They are numbered by the node, under its name, because they are written before the step.
 *
 * Where it is not known what became of a step, the node takes another name, with the users that Redis has for it: then it sees
 * what was done, a step that is still on its way does nothing any more, and numbers begin again. So does a node that was
 * silent for too long, and was buried: its users have left, and come again.
 */
export class RedisPresence implements Presence {
  readonly #place: PresencePlace;
  readonly #feed: RedisFeed;
  readonly #here = new Set<string>();
  /** Users of whom Redis may have it otherwise, and when they came or went. */
  readonly #untold = new Map<string, number>();
  /** Nodes to bury. */
  #lost: readonly string[] = [];
  #standing: Standing = { kind: 'unsure', earlier: '', name: newName() };
  /** Messages under this name. */
  #told = 0;
  #isBeatDue = false;
  #isWorking = false;
  #isClosed = false;
  #work: Promise<void> = Promise.resolve();
  #beats: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(place: PresencePlace) {
    this.#place = place;
    this.#feed = place.feed;
  }

  /** Makes the node known; rejects where it cannot. */
  async open(): Promise<void> {
    this.#isWorking = true;
    try {
      await this.#step();
    } finally {
      this.#isWorking = false;
    }
    this.#beats = setInterval(() => {
      this.#isBeatDue = true;
      this.resume();
    }, this.#place.heartbeatMs * BEAT).unref();
  }

  arrive(user: string): void {
    if (this.#here.has(user)) return;
    this.#here.add(user);
    this.#changed(user);
  }

  depart(user: string): void {
    if (this.#here.delete(user)) this.#changed(user);
  }

  async snapshot(): Promise<PresenceSnapshot> {
    const snapshot = await this.#feed.snapshot();
    await this.#place.reached(snapshot.seq);
    return snapshot;
  }

  async online(user: string): Promise<number> {
    return this.#feed.online(user);
  }

  /** Does what has to be done, where Redis is there. Never rejects: it is tried again. */
  resume(): void {
    if (this.#isWorking || this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#isWorking = true;
    this.#work = this.#workOff();
  }

  /** Takes the users along, at once. What cannot be said any more, others see. */
  async close(): Promise<void> {
    clearInterval(this.#beats);
    for (const user of this.#here) this.depart(user);
    this.resume();
    await this.#work;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    if (this.#standing.kind === 'unsure' || !this.#place.canAsk()) return;
    await this.#feed.leave(this.#standing.name).catch(() => undefined);
  }

  #changed(user: string): void {
    this.#untold.set(user, monotonicNs());
    this.resume();
  }

  async #workOff(): Promise<void> {
    try {
      let isMore = true;
      while (isMore && this.#place.canAsk()) isMore = await this.#step();
    } catch (error) {
      this.#rename();
      if (error instanceof FeedRestarted) this.#place.onRestarted(error);
      else if (!this.#isClosed) this.#retry = setTimeout(() => this.resume(), RETRY_AFTER_MS).unref();
    } finally {
      this.#isWorking = false;
    }
  }

  /** The first that has to be done; false where there is nothing. */
  async #step(): Promise<boolean> {
    const standing = this.#standing;
    const [lost] = this.#lost;
    if (standing.kind === 'unsure') await this.#register(standing);
    else if (this.#isBeatDue) await this.#beat(standing.name);
    else if (this.#untold.size > 0) await this.#tell(standing.name);
    else if (lost !== undefined) await this.#bury(standing.name, lost);
    else return false;
    return true;
  }

  async #register({ name, earlier }: { name: string; earlier: string }): Promise<void> {
    const users = await this.#feed.register({ name, earlier }, this.#silentMs);
    if (users === 'gone') {
      this.#standing = { kind: 'unsure', earlier: name, name: newName() };
      return;
    }
    this.#standing = { kind: 'known', name };
    this.#told = 0;
    for (const user of this.#here.symmetricDifference(new Set(users)))
      if (!this.#untold.has(user)) this.#untold.set(user, monotonicNs());
  }

  async #beat(name: string): Promise<void> {
    const timelyMs = this.#silentMs - Math.round(this.#place.heartbeatMs * TIMELY);
    const lost = await this.#feed.beat(name, { silentMs: this.#silentMs, timelyMs });
    this.#isBeatDue = false;
    if (lost === 'gone') this.#rename();
    else this.#lost = lost;
  }

  async #tell(name: string): Promise<void> {
    const changes = Array.from(this.#untold.entries().take(MOST_CHANGES), ([user, dueNs], index) =>
      this.#change({ user, isHere: this.#here.has(user), dueNs, index, name }),
    );
    const changed = await this.#feed.change(name, name, changes);
    if (changed === 'gone') {
      this.#rename();
      return;
    }
    this.#told += changed.told;
    // Who has come or gone once more meanwhile is to be told of again.
    for (const { user, isHere } of changes.slice(0, changed.done))
      if (this.#here.has(user) === isHere) this.#untold.delete(user);
  }

  async #bury(name: string, lost: string): Promise<void> {
    const users = await this.#feed.usersOf(lost, MOST_CHANGES);
    const dueNs = monotonicNs();
    const changes = users.map((user, index) => this.#change({ user, isHere: false, dueNs, index, name }));
    const changed = await this.#feed.change(name, lost, changes);
    if (changed === 'gone') {
      this.#rename();
      return;
    }
    this.#told += changed.told;
    if (changed.left === 0) this.#lost = this.#lost.slice(1);
  }

  /** `index` counts the changes of a step. */
  #change({ user, isHere, dueNs, index, name }: Turn): UserChange {
    const data: PresenceChange = { type: isHere ? 'user_joined' : 'user_left', user };
    const origin = { channel: PRESENCE_CHANNEL, from: `node:${name}`, n: this.#told + 1 + index };
    const content = { dueNs, publishedNs: monotonicNs(), data: JSON.stringify(data) };
    return { user, isHere, body: encodeSaid(origin, content) };
  }

  /** What was begun under the name does nothing any more, once the next one is known. */
  #rename(): void {
    if (this.#standing.kind === 'unsure') return;
    this.#standing = { kind: 'unsure', earlier: this.#standing.name, name: newName() };
  }

  get #silentMs(): number {
    return Math.round(this.#place.heartbeatMs * SILENT);
  }
}

interface Turn {
  readonly user: string;
  readonly isHere: boolean;
  readonly dueNs: number;
  readonly index: number;
  readonly name: string;
}

function newName(): string {
  return randomBytes(NAME_BYTES).toString('base64url');
}
