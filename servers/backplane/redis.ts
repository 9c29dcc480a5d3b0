import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { Log } from '../feed/log.ts';
import type { Backplane, BackplaneOptions, OpenBackplane } from './backplane.ts';
import { ANSWER_WITHIN_MS, cannotUse, connectionProblem, leave, selectDatabase } from './redis-access.ts';
import { shownAddress } from './redis-address.ts';

/**
 * Numbers, keeps and publishes one message in a single atomic step, so that every subscriber sees the order of the
 * numbers. KEYS: counter, history (a stream whose ids are the sequence numbers); ARGV: channel, history length, body.
 */
const APPEND = `
local seq = redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[2], seq .. '-0', 'body', ARGV[3])
redis.call('PUBLISH', ARGV[1], seq .. ' ' .. ARGV[3])
return seq`;

/** ioredis sends the script's hash, and the script itself only where Redis does not have it. */
interface CommandConnection extends Redis {
  appendMessage(...keysAndArguments: [string, string, string, number, string]): Promise<number>;
}

const RETRY_AFTER_MS = 1000;
const RESTARTED = 'the feed there was restarted: its numbers begin again, so this node must be restarted too';

interface Incoming {
  readonly seq: number;
  readonly body: string;
}

/**
 * Redis pub/sub delivers at most once, so each node checks the numbers and fetches from the history what it missed. An
 * identity of the feed, kept beside its counter, tells a feed that goes on from one that began anew (a Redis that came
 * back empty): the numbers alone could not.
 */
class RedisBackplane implements Backplane {
  readonly #log: Log;
  readonly #options: BackplaneOptions;
  readonly #commands: CommandConnection;
  readonly #subscriber: Redis;
  readonly #counterKey: string;
  readonly #historyKey: string;
  readonly #identityKey: string;
  readonly #channel: string;
  /** What waits until the log has caught up; undefined while there is nothing to catch up with. */
  #waiting: Incoming[] | undefined;
  /** Something broke while catching up, so that it has to be done once more. */
  #again = false;
  #identity: string | undefined;
  #lastError = '';
  #restarted = false;
  /** Before that a lost connection is not opened again: it is told why there is none. */
  #opened = false;
  #closing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(log: Log, options: BackplaneOptions) {
    this.#log = log;
    this.#options = options;
    this.#counterKey = `feedbench:{${options.feed}}:seq`;
    this.#historyKey = `feedbench:{${options.feed}}:history`;
    this.#identityKey = `feedbench:{${options.feed}}:identity`;
    this.#channel = `feedbench:{${options.feed}}:messages`;
    const connection = (): Redis => newConnection(options.redisUrl, () => this.#opened);
    this.#commands = connection() as CommandConnection;
    this.#subscriber = connection();
    for (const redis of [this.#commands, this.#subscriber]) {
      redis.on('error', (error: Error) => {
        this.#lastError = connectionProblem(error);
        this.#unhealthy(this.#lastError);
      });
      redis.on('close', () => this.#unhealthy('the connection was closed'));
    }
    this.#subscriber.on('message', (_channel: string, text: string) => this.#receive(parseIncoming(text)));
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
    await this.#commands.set(this.#identityKey, randomUUID(), 'NX');
    this.#waiting = [];
    await this.#mend();
    this.#waiting = undefined;
    // From here on a lost connection is opened again by ioredis; what came in between is in the history.
    for (const redis of [this.#commands, this.#subscriber]) redis.on('ready', () => void this.#catchUp());
    this.#options.onHealth(true, 'connected');
  }

  async append(body: string): Promise<number> {
    if (this.#restarted) throw this.#lost(RESTARTED);
    try {
      return await this.#commands.appendMessage(
        this.#counterKey,
        this.#historyKey,
        this.#channel,
        this.#options.historyMessages,
        body,
      );
    } catch (error) {
      throw this.#lost(`it did not confirm a message: ${errorMessage(error)}`, error);
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    try {
      if (this.#options.forgetOnClose && this.#commands.status === 'ready') {
        await this.#commands.del(this.#counterKey, this.#historyKey, this.#identityKey);
      }
    } finally {
      for (const redis of [this.#commands, this.#subscriber]) leave(redis);
    }
  }

  #receive(incoming: Incoming): void {
    if (this.#restarted) return;
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
    if (this.#restarted || this.#closing || !this.#connected) return;
    try {
      const filled = await this.#mend();
      if (filled > 0) this.#options.onGapFilled(filled);
      // Where a connection broke meanwhile, it comes back and this is done again.
      if (this.#connected && !this.#again) this.#options.onHealth(true, 'caught up');
    } catch (error) {
      this.#unhealthy(errorMessage(error));
      clearTimeout(this.#retry);
      if (this.#connected && !this.#restarted) this.#retry = setTimeout(() => void this.#catchUp(), RETRY_AFTER_MS);
    }
  }

  /**
   * Subscribes, takes from the history all that the log lacks, then what was heard meanwhile. Returns how many messages
   * were in the history only. What is in neither is gone: the log skips it, and says so.
   */
  async #mend(): Promise<number> {
    await this.#subscriber.subscribe(this.#channel);
    // One after the other on one connection: with the same identity before and after, the history is that feed's.
    const [before, entries, after] = await Promise.all([
      this.#commands.get(this.#identityKey),
      this.#commands.xrange(this.#historyKey, `${this.#log.latest + 1}-0`, '+'),
      this.#commands.get(this.#identityKey),
    ]);
    this.#identity ??= before ?? undefined;
    if (before !== this.#identity || after !== this.#identity) {
      this.#restarted = true;
      throw new Error(RESTARTED);
    }
    const heard = (this.#waiting ?? []).filter(({ seq }) => seq > this.#log.latest);
    const heardNumbers = new Set(heard.map(({ seq }) => seq));
    const missed = entries.map(([id, [, body = '']]) => ({ seq: Number.parseInt(id, 10), body }));
    for (const incoming of [...missed, ...heard]) this.#take(incoming);
    return missed.filter(({ seq }) => !heardNumbers.has(seq)).length;
  }

  #take({ seq, body }: Incoming): void {
    if (seq <= this.#log.latest) return;
    if (seq > this.#log.latest + 1) this.#log.skipTo(seq - 1);
    this.#log.append(seq, body);
  }

  get #connected(): boolean {
    return this.#commands.status === 'ready' && this.#subscriber.status === 'ready';
  }

  #lost(reason: string, cause?: unknown): Failure {
    return new Failure('redis-lost', `Redis at ${shownAddress(this.#options.redisUrl)}: ${reason}`, { cause });
  }

  #unhealthy(reason: string): void {
    if (!this.#closing) this.#options.onHealth(false, this.#lost(this.#restarted ? RESTARTED : reason).message);
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

/**
 * A command is sent at once and once, or rejected: one that waited for a connection to come back, or was sent again after
 * it, could put a message into the feed late or twice.
 */
function newConnection(url: string, mayRetry: () => boolean): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => (mayRetry() ? Math.min(50 * 2 ** attempt, 2000) : null),
    scripts: { appendMessage: { lua: APPEND, numberOfKeys: 2 } },
  });
}

/** `seq` is not a number where the text is no message. */
function parseIncoming(text: string): Incoming {
  const space = text.indexOf(' ');
  return { seq: Number(text.slice(0, Math.max(0, space)) || 'none'), body: text.slice(space + 1) };
}
