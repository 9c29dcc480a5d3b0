import { Redis } from 'ioredis';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import type { Log } from '../log.ts';
import type { Backplane, BackplaneOptions, OpenBackplane } from './backplane.ts';

/**
 * Numbers, keeps and publishes one message in a single atomic step, so that every subscriber sees the order of the
 * numbers. KEYS: counter, history (a stream whose ids are the sequence numbers); ARGV: channel, history length, body.
 */
const APPEND = `
local seq = redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[2], seq .. '-0', 'body', ARGV[3])
redis.call('PUBLISH', ARGV[1], seq .. ' ' .. ARGV[3])
return seq`;

interface Incoming {
  readonly seq: number;
  readonly body: string;
}

/** Redis pub/sub delivers at most once, so each node checks the numbers and fetches from the history what it missed. */
class RedisBackplane implements Backplane {
  readonly #log: Log;
  readonly #options: BackplaneOptions;
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #counterKey: string;
  readonly #historyKey: string;
  readonly #channel: string;
  /** What waits for a gap to be filled; undefined while there is none. */
  #waiting: Incoming[] | undefined;
  #closing = false;

  constructor(log: Log, options: BackplaneOptions) {
    this.#log = log;
    this.#options = options;
    this.#counterKey = `feedbench:{${options.feed}}:seq`;
    this.#historyKey = `feedbench:{${options.feed}}:history`;
    this.#channel = `feedbench:{${options.feed}}:messages`;
    this.#commands = connection(options.redisUrl);
    this.#subscriber = connection(options.redisUrl);
    for (const redis of [this.#commands, this.#subscriber]) {
      redis.on('error', (error: Error) => this.#unhealthy(error.message));
      redis.on('close', () => this.#unhealthy('the connection was closed'));
    }
    this.#subscriber.on('message', (_channel: string, text: string) => this.#receive(parseIncoming(text)));
  }

  async open(): Promise<void> {
    await Promise.all([this.#commands.connect(), this.#subscriber.connect()]);
    await this.#subscriber.subscribe(this.#channel);
    await this.#startFromHistory();
    // From here on a lost connection is mended by ioredis, which subscribes again; what came in between is in the history.
    this.#subscriber.on('ready', () => void this.#fill(Number.POSITIVE_INFINITY));
    this.#options.onHealth(true, 'connected');
  }

  async append(body: string): Promise<number> {
    const seq = await this.#commands.eval(
      APPEND,
      2,
      this.#counterKey,
      this.#historyKey,
      this.#channel,
      this.#options.historyMessages,
      body,
    );
    return Number(seq);
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#options.forgetOnClose && this.#commands.status === 'ready') {
      await this.#commands.del(this.#counterKey, this.#historyKey);
    }
    this.#commands.disconnect();
    this.#subscriber.disconnect();
  }

  #receive(incoming: Incoming): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(incoming);
    } else if (incoming.seq === this.#log.latest + 1) {
      this.#log.append(incoming.seq, incoming.body);
    } else if (incoming.seq > this.#log.latest) {
      void this.#fill(incoming.seq - 1, [incoming]);
    }
  }

  /** Takes messages up to `last` from the history, then what came in meanwhile. Never rejects: health says what failed. */
  async #fill(last: number, waiting: Incoming[] = []): Promise<void> {
    if (this.#waiting !== undefined) return;
    this.#waiting = waiting;
    try {
      const missed = await this.#history(this.#log.latest + 1, last);
      this.#options.onGapFilled(missed.length);
      for (const incoming of [...missed, ...this.#waiting]) this.#take(incoming);
      this.#options.onHealth(true, 'caught up');
    } catch (error) {
      this.#unhealthy(errorMessage(error));
    } finally {
      this.#waiting = undefined;
    }
  }

  #take({ seq, body }: Incoming): void {
    if (seq <= this.#log.latest) return;
    if (seq > this.#log.latest + 1) this.#log.skipTo(seq - 1);
    this.#log.append(seq, body);
  }

  async #startFromHistory(): Promise<void> {
    this.#waiting = [];
    const history = await this.#history(1, Number.POSITIVE_INFINITY);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const incoming of [...history, ...waiting]) this.#take(incoming);
  }

  async #history(first: number, last: number): Promise<Incoming[]> {
    const end = Number.isFinite(last) ? `${last}-0` : '+';
    const entries = await this.#commands.xrange(this.#historyKey, `${first}-0`, end);
    return entries.map(([id, [, body = '']]) => ({ seq: Number.parseInt(id, 10), body }));
  }

  #unhealthy(reason: string): void {
    if (!this.#closing) this.#options.onHealth(false, `Redis at ${this.#options.redisUrl}: ${reason}`);
  }
}

/** Rejects with `redis-lost` where Redis cannot be reached. */
export const openBackplane: OpenBackplane = async (log, options) => {
  const backplane = new RedisBackplane(log, options);
  try {
    await backplane.open();
    return backplane;
  } catch (error) {
    await backplane.close();
    throw new Failure(
      'redis-lost',
      `cannot use Redis at ${options.redisUrl}: ${errorMessage(error)}; start it or correct REDIS_URL`,
      {
        cause: error,
      },
    );
  }
};

function connection(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: 3000,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2000),
  });
}

function parseIncoming(text: string): Incoming {
  const space = text.indexOf(' ');
  return { seq: Number(text.slice(0, space)), body: text.slice(space + 1) };
}
