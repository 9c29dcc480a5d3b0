import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Server } from 'socket.io';
import { io as connectClient, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { Log } from '../feed/log.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { bodyOf, numbers } from '../testing/test-subscriber.ts';
import { Witness } from '../testing/test-witness.ts';
import type { Backplane, BackplaneOptions, OpenBackplane } from './backplane.ts';

/** Socket.IO's adapters under a server of twenty lines, so that nothing is seen here but what they do themselves. */

const adapters: readonly { id: string; open: () => Promise<{ openBackplane: OpenBackplane }>; resumes: boolean }[] = [
  { id: 'socketio-redis', open: async () => import('./socketio-redis.ts'), resumes: false },
  { id: 'socketio-sharded', open: async () => import('./socketio-sharded.ts'), resumes: false },
  { id: 'socketio-streams', open: async () => import('./socketio-streams.ts'), resumes: true },
];

class AdapterNode extends Witness implements AsyncDisposable {
  readonly heard: number[] = [];
  readonly health: { healthy: boolean; reason: string }[] = [];
  readonly #log = new Log({ messages: 1000, bytes: 1e7 });
  readonly #http = createServer();
  #backplane: Backplane | undefined;
  #io: Server | undefined;
  #client: Socket | undefined;

  async open(openBackplane: OpenBackplane, options: Partial<BackplaneOptions>): Promise<this> {
    const backplane = await openBackplane(this.#log, {
      feed: randomUUID(),
      redisUrl: 'redis://127.0.0.1:1',
      historyMessages: 1,
      heartbeatMs: 30_000,
      forgetOnClose: true,
      onGapFilled: () => undefined,
      onSignal: () => undefined,
      onHealth: (healthy, reason) => {
        this.health.push({ healthy, reason });
        this.changed();
      },
      ...options,
    });
    this.#backplane = backplane;
    if (backplane.adapter === undefined) throw new Error('no adapter');
    const io = new Server(this.#http, { adapter: backplane.adapter, serveClient: false });
    this.#io = io;
    this.#log.follow((entry) => io.emit('message', entry.toString()));
    await backplane.ready?.();
    return this;
  }

  async subscribe(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    const { port } = this.#http.address() as AddressInfo;
    const client = connectClient(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    this.#client = client;
    client.on('message', (text: string) => {
      this.heard.push((JSON.parse(text) as { seq: number }).seq);
      this.changed();
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    client.once('connect', resolve);
    await promise;
  }

  get healthy(): boolean {
    return this.health.at(-1)?.healthy ?? false;
  }

  async append(data: unknown): Promise<number> {
    if (this.#backplane === undefined) throw new Error('not open');
    return this.#backplane.append(bodyOf(data));
  }

  async untilHeard(seq: number): Promise<void> {
    await this.until(({ heard }) => heard.includes(seq));
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.#io?.close();
    await this.#backplane?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

let redis: TestRedis;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  if (hasRedis) await redis[Symbol.asyncDispose]();
});

describe.each(adapters)('$id', needs(hasRedis, 'redis-server is not installed'), ({ open, resumes }) => {
  async function openThree(options: Partial<BackplaneOptions> = {}): Promise<AdapterNode[]> {
    const { openBackplane } = await open();
    const shared = { redisUrl: redis.url, feed: randomUUID(), ...options };
    const nodes = await Promise.all([0, 1, 2].map(async () => new AdapterNode().open(openBackplane, shared)));
    await Promise.all(nodes.map(async (node) => node.subscribe()));
    return nodes;
  }

  test('carries every message to the clients of all nodes, in the order of the one that takes them', async () => {
    const nodes = await openThree();
    const [first] = nodes;
    for (let index = 0; index < 200; index++) await first?.append({ index });
    await Promise.all(nodes.map(async (node) => node.untilHeard(200)));
    for (const { heard } of nodes) expect(heard).toEqual(numbers(1, 200));
    await Promise.all(nodes.map(async (node) => node.close()));
  });

  test('loses nothing at the start: what is said once all are ready is heard', async () => {
    for (let start = 0; start < 20; start++) {
      const nodes = await openThree();
      await nodes[0]?.append({ start });
      await Promise.all(nodes.map(async (node) => node.untilHeard(1)));
      for (const { heard } of nodes) expect(heard).toEqual([1]);
      await Promise.all(nodes.map(async (node) => node.close()));
    }
  });

  test('is ready when Redis has answered, and not before', REAL_TIME, async () => {
    await using mortal = await startTestRedis();
    const { openBackplane } = await open();
    const health: string[] = [];
    const backplane = await openBackplane(new Log({ messages: 1, bytes: 1 }), {
      feed: randomUUID(),
      redisUrl: mortal.url,
      historyMessages: 1,
      heartbeatMs: 30_000,
      forgetOnClose: true,
      onGapFilled: () => undefined,
      onSignal: () => undefined,
      onHealth: (_healthy, reason) => void health.push(reason),
    });
    mortal.signal('SIGSTOP');
    const io = new Server({ ...(backplane.adapter && { adapter: backplane.adapter }) });
    const ready = backplane.ready?.();
    expect(await Promise.race([ready, setTimeout(100, 'not ready')])).toBe('not ready');
    expect(health).toEqual([]);
    mortal.signal('SIGCONT');
    await ready;
    expect(health).toEqual(['subscribed']);
    expect(io.sockets.sockets.size).toBe(0);
    await backplane.close();
  });

  test('tells a feed from another one in the same Redis', async () => {
    const [mine, other] = [await openThree(), await openThree()];
    await mine[0]?.append('mine');
    await Promise.all(mine.map(async (node) => node.untilHeard(1)));
    await other[0]?.append('other');
    await other[0]?.append('other');
    await Promise.all(other.map(async (node) => node.untilHeard(2)));
    for (const { heard } of mine) expect(heard).toEqual([1]);
    await Promise.all([...mine, ...other].map(async (node) => node.close()));
  });

  test('leaves nothing in Redis, and lets go of every connection', async () => {
    await using mortal = await startTestRedis();
    const nodes = await openThree({ redisUrl: mortal.url });
    await nodes[0]?.append('something');
    await Promise.all(nodes.map(async (node) => node.untilHeard(1)));
    await Promise.all(nodes.map(async (node) => node.close()));
    expect(await mortal.admin.keys('*')).toEqual([]);
    await expect.poll(async () => connections(mortal)).toBe(1);
  });

  test('is at peace with a Redis that stands still for a moment: late is not lost', REAL_TIME, async () => {
    const nodes = await openThree();
    redis.signal('SIGSTOP');
    for (let index = 0; index < 10; index++) await nodes[0]?.append({ index });
    redis.signal('SIGCONT');
    await Promise.all(nodes.map(async (node) => node.untilHeard(10)));
    for (const { heard, health } of nodes) {
      expect(heard).toEqual(numbers(1, 10));
      expect(health).toEqual([{ healthy: true, reason: 'subscribed' }]);
    }
    await Promise.all(nodes.map(async (node) => node.close()));
  });

  test('says that Redis does not answer, and that it does again', REAL_TIME, async () => {
    const nodes = await openThree();
    redis.signal('SIGSTOP');
    await nodes[0]?.append('nobody hears it yet');
    await nodes[0]?.until(({ healthy }) => !healthy);
    expect(nodes[0]?.health.at(-1)?.reason).toBe(`Redis at ${redis.url}: it does not answer`);
    redis.signal('SIGCONT');
    await nodes[0]?.until(({ healthy }) => healthy);
    await Promise.all(nodes.map(async (node) => node.untilHeard(1)));
    await Promise.all(nodes.map(async (node) => node.close()));
  });

  test(`${resumes ? 'resumes behind' : 'loses'} what was said while a node had no connection`, REAL_TIME, async () => {
    const { openBackplane } = await open();
    await using relay = await openTestRelay(Number(new URL(redis.url).port));
    const feed = randomUUID();
    await using first = await new AdapterNode().open(openBackplane, { redisUrl: redis.url, feed });
    const behindRelay = { redisUrl: `redis://127.0.0.1:${relay.port}`, feed };
    await using second = await new AdapterNode().open(openBackplane, behindRelay);
    await Promise.all([first, second].map(async (node) => node.subscribe()));
    await first.append('before');
    await second.untilHeard(1);
    relay.cut();
    await second.until(({ healthy }) => !healthy);
    await first.append('meanwhile');
    await first.untilHeard(2);
    await second.until(({ healthy }) => healthy);
    await first.append('after');
    await second.untilHeard(3);
    expect(first.heard).toEqual([1, 2, 3]);
    expect(second.heard).toEqual(resumes ? [1, 2, 3] : [1, 3]);
  });
});

/** The test's own among them. */
async function connections({ admin }: TestRedis): Promise<number> {
  return Number(/connected_clients:(\d+)/.exec(await admin.info('clients'))?.[1]);
}

describe.each(adapters)('$id, when Redis dies', needs(hasRedis, 'redis-server is not installed'), ({ open }) => {
  test('goes on where there is a Redis again', REAL_TIME, async () => {
    await using mortal = await startTestRedis();
    const { openBackplane } = await open();
    const feed = randomUUID();
    await using first = await new AdapterNode().open(openBackplane, { redisUrl: mortal.url, feed });
    await using second = await new AdapterNode().open(openBackplane, { redisUrl: mortal.url, feed });
    await Promise.all([first, second].map(async (node) => node.subscribe()));
    await mortal.kill();
    await Promise.all([first, second].map(async (node) => node.until(({ healthy }) => !healthy)));
    await first.append('perhaps');
    await mortal.start();
    await Promise.all([first, second].map(async (node) => node.until(({ healthy }) => healthy)));
    await first.append('for certain');
    await Promise.all([first, second].map(async (node) => node.untilHeard(2)));
    expect(first.heard.at(-1)).toBe(2);
  });

  test('can be closed without it', async () => {
    await using mortal = await startTestRedis();
    const { openBackplane } = await open();
    const node = await new AdapterNode().open(openBackplane, { redisUrl: mortal.url });
    await mortal.kill();
    await node.until(({ healthy }) => !healthy);
    await node.append('nobody hears it');
    await expect(node.close()).resolves.toBeUndefined();
  });

  test('is not opened without it, and says what to do', async () => {
    const { openBackplane } = await open();
    const opening = new AdapterNode().open(openBackplane, { redisUrl: 'redis://user:s3cret@127.0.0.1:1' });
    await expect(opening).rejects.toMatchObject({
      code: 'redis-lost',
      message:
        'cannot use Redis at redis://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1; start it or correct REDIS_URL',
    });
  });
});
