import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Namespace, Server, type ServerOptions } from 'socket.io';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { Log } from '../feed/log.ts';
import { AdapterConnections } from './adapter-connections.ts';
import { type Backplane, type BackplaneOptions, newIdentity, type OpenBackplane } from './backplane.ts';
import { ANSWER_WITHIN_MS, cannotUse } from './redis-access.ts';
import { shownAddress } from './redis-address.ts';

type SocketIoAdapter = ServerOptions['adapter'];
type AdapterOf = (namespace: Namespace) => InstanceType<Extract<SocketIoAdapter, new (...parts: never[]) => unknown>>;

/** What is an adapter's own. */
export interface AdapterKind {
  /** Connects what it needs; `name` begins what it calls its channels and keys. */
  connect(connections: AdapterConnections, name: string): Promise<ConnectedAdapter>;
  /** Keys that it leaves in Redis. */
  keys(name: string): readonly string[];
}

interface ConnectedAdapter {
  readonly publisher: Redis;
  /** What makes an adapter for a namespace; called once, when there is a first one. */
  create(): AdapterOf;
  /** What it needs besides its subscriptions to hear of everything. */
  listen?(): Promise<void>;
}

/**
 * One of Socket.IO's adapters. The node that takes the feed numbers it and keeps it in its own log; its door says each
 * message to all nodes, and the adapter does the rest. Nothing repairs what is lost on the way, and the other nodes' logs
 * stay empty.
 */
class AdapterBackplane implements Backplane {
  readonly identity = newIdentity();
  readonly adapter: SocketIoAdapter;
  readonly #kind: AdapterKind;
  readonly #log: Log;
  readonly #options: BackplaneOptions;
  readonly #connections: AdapterConnections;
  readonly #name: string;
  readonly #made = new Set<ReturnType<AdapterOf>>();
  readonly #created = Promise.withResolvers<void>();
  #connected: ConnectedAdapter | undefined;
  #create: AdapterOf | undefined;

  constructor(kind: AdapterKind, log: Log, options: BackplaneOptions) {
    this.#kind = kind;
    this.#log = log;
    this.#options = options;
    this.#name = `feedbench:{${options.feed}}`;
    this.#connections = new AdapterConnections(options.redisUrl, {
      onTrouble: (reason) => options.onHealth(false, this.#lost(reason).message),
      onRecovery: () => options.onHealth(true, 'connected again'),
    });
    const adapterOf = this.#adapterOf.bind(this);
    // Socket.IO calls it with `new`, which an arrow function does not take.
    this.adapter = function adapter(namespace: Namespace) {
      return adapterOf(namespace);
    };
  }

  get lastError(): string {
    return this.#connections.lastError;
  }

  async open(): Promise<void> {
    this.#connected = await this.#kind.connect(this.#connections, this.#name);
  }

  async ready(): Promise<void> {
    await this.#created.promise;
    await this.#permitted(async () => {
      await this.#connections.subscribed();
      await this.#connected?.listen?.();
    });
    this.#connections.keep();
    this.#options.onHealth(true, 'subscribed');
  }

  async append(body: string): Promise<number> {
    const seq = this.#log.latest + 1;
    this.#log.append(seq, body);
    return seq;
  }

  /** All that was said so far is with Redis; rejects where it did not take something. */
  async taken(): Promise<void> {
    await this.#permitted(async () => this.#connections.said());
  }

  async close(): Promise<void> {
    // Before the connections: what it reads in a loop would be asked again without end.
    for (const adapter of this.#made) void Promise.resolve(adapter.close()).catch(() => undefined);
    if (this.#options.forgetOnClose) await this.#forget();
    this.#connections.leave();
  }

  /** A Redis that is not there keeps what it has; nobody is left who could wait for it. */
  async #forget(): Promise<void> {
    const publisher = this.#connected?.publisher;
    const keys = this.#kind.keys(this.#name);
    if (publisher?.status !== 'ready' || keys.length === 0) return;
    publisher.options.commandTimeout = ANSWER_WITHIN_MS;
    await publisher.del(...keys).catch(() => undefined);
  }

  #adapterOf(namespace: Namespace): ReturnType<AdapterOf> {
    if (this.#connected === undefined) throw new TypeError('a backplane that is not open has no adapter');
    this.#create ??= this.#connected.create();
    const adapter = this.#create(namespace);
    this.#made.add(adapter);
    this.#created.resolve();
    return adapter;
  }

  async #permitted(asking: () => Promise<void>): Promise<void> {
    try {
      await asking();
    } catch (error) {
      const reason = errorMessage(error);
      // What was asked, which such an error carries, holds nothing that a reader needs.
      throw cannotUse(this.#options.redisUrl, reason, new Error(reason));
    }
  }

  #lost(reason: string): Failure {
    return new Failure('redis-lost', `Redis at ${shownAddress(this.#options.redisUrl)}: ${reason}`);
  }
}

async function openAdapter(kind: AdapterKind, log: Log, options: BackplaneOptions): Promise<AdapterBackplane> {
  // Refuses what the client would tell of in words that hold the password.
  shownAddress(options.redisUrl);
  const backplane = new AdapterBackplane(kind, log, options);
  try {
    await backplane.open();
    return backplane;
  } catch (error) {
    // A user who may not write may not delete either; what was told first is why.
    await backplane.close().catch(() => undefined);
    throw cannotUse(options.redisUrl, backplane.lastError === '' ? errorMessage(error) : backplane.lastError, error);
  }
}

/** Rejects with `redis-lost` where Redis cannot be reached. */
export function opensAdapter(kind: AdapterKind): OpenBackplane {
  return async (log, options) => openAdapter(kind, log, options);
}

/** Says one message through a Socket.IO server without clients: whatever a node will ask of this Redis is permitted, or not. */
export function triesAdapter(kind: AdapterKind): (redisUrl: string) => Promise<void> {
  return async (redisUrl) => {
    const backplane = await openAdapter(kind, new Log({ messages: 1, bytes: 1 }), {
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
      const io = new Server({ adapter: backplane.adapter, serveClient: false });
      await backplane.ready();
      io.emit('try');
      await backplane.taken();
    } finally {
      await backplane.close();
    }
  };
}
