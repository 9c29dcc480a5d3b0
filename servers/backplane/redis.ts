import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { readSignal } from '../../scenarios/feed/signal.ts';
import { Log } from '../feed/log.ts';
import type { Conversation } from '../hub/conversation.ts';
import { type Backplane, type BackplaneOptions, MOST_SENDERS, type OpenBackplane } from './backplane.ts';
import { ANSWER_WITHIN_MS, cannotUse, connectionProblem, leave, selectDatabase } from './redis-access.ts';
import { shownAddress } from './redis-address.ts';
import { FeedRestarted, type Incoming, RedisFeed } from './redis-feed.ts';
import { RedisPresence } from './redis-presence.ts';
import { type CommandConnection, newConnection } from './redis-scripts.ts';

const RETRY_AFTER_MS = 1000;

/**
 * Redis pub/sub delivers at most once, so each node checks the numbers and fetches from the history what it missed. What
 * clients say goes the same way; signals are lost where a node does not hear them.
 */
class RedisBackplane implements Backplane {
  readonly conversation: Conversation;
  readonly #log: Log;
  readonly #options: BackplaneOptions;
  readonly #commands: CommandConnection;
  readonly #subscriber: Redis;
  readonly #feed: RedisFeed;
  readonly #presence: RedisPresence;
  /** What waits until the log has caught up; undefined while there is nothing to catch up with. */
  #waiting: Incoming[] | undefined;
  /** Something broke while catching up, so that it has to be done once more. */
  #again = false;
  #lastError = '';
  /** Why there is nothing more to be had. */
  #restarted: FeedRestarted | undefined;
  /** Before that a lost connection is not opened again: it is told why there is none. */
  #opened = false;
  #closing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(log: Log, options: BackplaneOptions) {
    this.#log = log;
    this.#options = options;
    this.#commands = newConnection(options.redisUrl, () => this.#opened);
    this.#subscriber = newConnection(options.redisUrl, () => this.#opened);
    this.#feed = new RedisFeed(this.#commands, {
      mostSenders: MOST_SENDERS,
      ...options,
      // It is known when the node goes.
      get forgetOnClose() {
        return options.forgetOnClose;
      },
    });
    this.#presence = new RedisPresence({
      feed: this.#feed,
      heartbeatMs: options.heartbeatMs,
      canAsk: () => this.#canAsk,
      reached: async (seq) => this.#reached(seq),
      onRestarted: (restarted) => this.#stop(restarted),
    });
    this.conversation = {
      say: async (origin, body) => this.#ask(this.#feed.say(origin, body)),
      sayNext: async (speaker, content) => this.#ask(this.#feed.sayNext(speaker, content)),
      signal: (signal) => void this.#feed.signal(signal).catch(() => undefined),
      presence: {
        arrive: (user) => this.#presence.arrive(user),
        depart: (user) => this.#presence.depart(user),
        snapshot: async () => this.#ask(this.#presence.snapshot(), 'it did not tell who is online'),
        online: async (user) => this.#ask(this.#presence.online(user), 'it did not tell how many are online'),
      },
    };
    for (const redis of [this.#commands, this.#subscriber]) {
      redis.on('error', (error: Error) => {
        this.#lastError = connectionProblem(error);
        this.#unhealthy(this.#lastError);
      });
      redis.on('close', () => this.#unhealthy('the connection was closed'));
    }
    this.#subscriber.on('message', (channel: string, text: string) => {
      if (channel === this.#feed.signals) this.#hear(text);
      else this.#receive(parseIncoming(text));
    });
  }

  get identity(): string {
    return this.#feed.identity;
  }

  /** Why the last connect failed; empty where it did not. */
  get lastError(): string {
    return this.#lastError;
  }

  async open(): Promise<void> {
    const connecting = await Promise.allSettled([this.#commands.connect(), this.#subscriber.connect()]);
    for (const outcome of connecting) if (outcome.status === 'rejected') throw outcome.reason;
    this.#opened = true;
    await selectDatabase(this.#commands);
    await this.#feed.begin();
    this.#waiting = [];
    await this.#mend();
    this.#waiting = undefined;
    // From here on a lost connection is opened again by ioredis; what came in between is in the history.
    for (const redis of [this.#commands, this.#subscriber]) redis.on('ready', () => void this.#catchUp());
    await this.#presence.open();
    if (this.#connected) this.#options.onHealth(true, 'connected');
  }

  async append(body: string): Promise<number> {
    return this.#ask(this.#feed.append(body));
  }

  readonly readOrigin = async (): Promise<void> => {
    await this.#ask(this.#feed.latest(), 'it did not tell how far the feed is');
  };

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    try {
      await this.#presence.close();
    } finally {
      for (const redis of [this.#commands, this.#subscriber]) leave(redis);
    }
  }

  /** What was asked for is on its way already: what is asked for in turn is done in turn. */
  async #ask<Answer>(answer: Promise<Answer>, failed = 'it did not confirm a message'): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof FeedRestarted) this.#stop(error);
      throw this.#lost(this.#restarted?.message ?? `${failed}: ${errorMessage(error)}`, error);
    }
  }

  /** The feed is another one: nothing of it comes in here, and nothing gets into it from here. */
  #stop(restarted: FeedRestarted): void {
    if (this.#restarted !== undefined) return;
    this.#restarted = restarted;
    this.#unhealthy(restarted.message);
  }

  #hear(text: string): void {
    const signal = readSignal(Buffer.from(text));
    if (signal !== undefined) this.#options.onSignal(signal);
  }

  #receive(incoming: Incoming): void {
    if (this.#restarted !== undefined) return;
    if (this.#waiting !== undefined) this.#waiting.push(incoming);
    else if (incoming.seq === this.#log.latest + 1) this.#log.append(incoming.seq, incoming.body);
    // A hole, a number that was there before, no number at all: the history tells.
    else void this.#catchUp([incoming]);
  }

  /** Never rejects: health says what failed, and it is tried again. */
  async #catchUp(heard: Incoming[] = []): Promise<void> {
    if (this.#waiting !== undefined) {
      this.#again = true;
      return;
    }
    this.#waiting = heard;
    do {
      this.#again = false;
      await this.#tryToMend();
    } while (this.#again && this.#connected);
    this.#waiting = undefined;
  }

  async #tryToMend(): Promise<void> {
    if (this.#restarted !== undefined || this.#closing || !this.#connected) return;
    try {
      const filled = await this.#mend();
      if (filled > 0) this.#options.onGapFilled(filled);
      // Where a connection broke meanwhile, it comes back and this is done again.
      if (this.#connected && !this.#again) this.#options.onHealth(true, 'caught up');
      this.#presence.resume();
    } catch (error) {
      if (error instanceof FeedRestarted) this.#stop(error);
      else this.#unhealthy(errorMessage(error));
      clearTimeout(this.#retry);
      if (this.#canAsk && this.#connected) this.#retry = setTimeout(() => void this.#catchUp(), RETRY_AFTER_MS);
    }
  }

  /**
   * Subscribes, takes from the history all that the log lacks, then what was heard meanwhile. Returns how many messages
   * were in the history only. What is in neither is gone: the log skips it, and says so.
   */
  async #mend(): Promise<number> {
    await this.#subscriber.subscribe(this.#feed.messages, this.#feed.signals);
    const missed = await this.#feed.after(this.#log.latest);
    const heard = (this.#waiting ?? []).filter(({ seq }) => seq > this.#log.latest);
    const heardNumbers = new Set(heard.map(({ seq }) => seq));
    for (const incoming of [...missed, ...heard]) this.#take(incoming);
    return missed.filter(({ seq }) => !heardNumbers.has(seq)).length;
  }

  #take({ seq, body }: Incoming): void {
    if (seq <= this.#log.latest) return;
    if (seq > this.#log.latest + 1) this.#log.skipTo(seq - 1);
    this.#log.append(seq, body);
  }

  async #reached(seq: number): Promise<void> {
    if (this.#log.latest >= seq) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const unfollow = this.#log.follow(() => {
      if (this.#log.latest >= seq) resolve();
    });
    const impatience = setTimeout(() => reject(new Error('its messages do not come')), ANSWER_WITHIN_MS);
    try {
      await promise;
    } finally {
      unfollow();
      clearTimeout(impatience);
    }
  }

  get #canAsk(): boolean {
    return this.#restarted === undefined && this.#commands.status === 'ready';
  }

  get #connected(): boolean {
    return this.#commands.status === 'ready' && this.#subscriber.status === 'ready';
  }

  #lost(reason: string, cause?: unknown): Failure {
    return new Failure('redis-lost', `Redis at ${shownAddress(this.#options.redisUrl)}: ${reason}`, { cause });
  }

  #unhealthy(reason: string): void {
    if (!this.#closing) this.#options.onHealth(false, this.#lost(this.#restarted?.message ?? reason).message);
  }
}

/** Rejects with `redis-lost` where Redis cannot be reached. */
export const openBackplane: OpenBackplane = async (log, options) => {
  // Refuses what the client would tell of in words that hold the password.
  shownAddress(options.redisUrl);
  const backplane = new RedisBackplane(log, options);
  try {
    await backplane.open();
    return backplane;
  } catch (error) {
    // A user who may not write may not delete either; what was told first is why.
    await backplane.close().catch(() => undefined);
    throw cannotUse(options.redisUrl, backplane.lastError === '' ? errorMessage(error) : backplane.lastError, error);
  }
};

/** Puts one message into a feed of its own and forgets it: whatever a node will ask of this Redis is permitted, or not. */
export async function tryRedis(redisUrl: string): Promise<void> {
  const backplane = await openBackplane(new Log({ messages: 1, bytes: 1 }), {
    feed: `try-${randomUUID()}`,
    redisUrl,
    historyMessages: 1,
    heartbeatMs: 30_000,
    forgetOnClose: true,
    onHealth: () => undefined,
    onGapFilled: () => undefined,
    onSignal: () => undefined,
  });
  try {
    await backplane.append('{}');
  } finally {
    await backplane.close();
  }
}

/** `seq` is not a number where the text is no message. */
function parseIncoming(text: string): Incoming {
  const space = text.indexOf(' ');
  return { seq: Number(text.slice(0, Math.max(0, space)) || 'none'), body: text.slice(space + 1) };
}
