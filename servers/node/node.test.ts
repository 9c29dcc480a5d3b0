import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openNode } from './node.ts';
import { TRANSPORT_IDS } from '../registry.ts';
import { openTestNode } from '../testing/test-node.ts';
import { hasRedis, startTestRedis } from '../testing/test-redis.ts';
import { numbers, subscribe } from '../testing/test-subscriber.ts';
import { needs } from '../../scenarios/testing/conditions.ts';
import { newTokenIssuer } from '../../scenarios/tokens.ts';

async function health(port: number): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`);
  return { status: answer.status, body: await answer.json() };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('health', () => {
  test.each(TRANSPORT_IDS)('is 200 on a %s node in memory, with what it is', async (transport) => {
    await using node = await openTestNode({ transport });
    await node.append('first');
    const answer = await health(node.port);
    expect(answer).toMatchObject({
      status: 200,
      body: { ready: true, reason: 'in memory', latest: 1, transports: [transport], backplane: 'memory' },
    });
    expect(answer).toHaveProperty('body.monotonicNs');
  });

  test(
    'is 503 with the reason while Redis is away, and 200 again after',
    needs(hasRedis, 'redis-server is not installed'),
    async () => {
      await using redis = await startTestRedis('keep');
      await using node = await openTestNode({ transport: 'polling', backplane: 'redis', redisUrl: redis.url });
      expect(await health(node.port)).toMatchObject({ status: 200, body: { ready: true } });
      await redis.kill();
      await node.until(({ healthy }) => !healthy);
      const away = await health(node.port);
      expect(away).toMatchObject({ status: 503, body: { ready: false } });
      expect(JSON.stringify(away.body)).toContain(`Redis at ${redis.url}`);
      await redis.start();
      await node.until(({ healthy }) => healthy);
      expect(await health(node.port)).toMatchObject({ status: 200, body: { ready: true } });
    },
  );
});

describe('what stands in the way', () => {
  test('a port in use', async () => {
    await using node = await openTestNode({ transport: 'polling' });
    await expect(openNode({ transports: ['websocket'], port: node.port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: `port ${node.port} on 127.0.0.1 is in use; choose another with --port, or 0 for a free one`,
    });
  });

  test('a backplane that is for other transports alone', async () => {
    await expect(openNode({ transports: ['polling'], backplane: 'socketio-streams' })).rejects.toMatchObject({
      code: 'usage',
      message: 'a server node with polling cannot be over socketio-streams, which is for Socket.IO alone',
    });
  });

  test('tokens at a node that is open to every page, which would show the cookies of whoever looks at it', async () => {
    const { rules } = newTokenIssuer();
    await expect(openNode({ transports: ['polling'], tokens: rules, origins: ['*'] })).rejects.toMatchObject({
      code: 'usage',
      message: 'a server node that wants tokens is not open to every page: name their origins',
    });
  });

  test('a key for tokens that is none', async () => {
    const tokens = { ...newTokenIssuer().rules, key: 'n0b0dy-reads-this' };
    await expect(openNode({ transports: ['polling'], tokens })).rejects.toMatchObject({
      code: 'usage',
      message: 'the key that tokens are verified with is no public key of Ed25519 as PEM',
    });
  });

  test('an address of another host', async () => {
    await expect(openNode({ transports: ['polling'], host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'port-in-use',
    });
  });

  test('Redis that is not there', needs(hasRedis, 'redis-server is not installed'), async () => {
    const redis = await startTestRedis();
    await redis[Symbol.asyncDispose]();
    const opening = openNode({ transports: ['polling'], backplane: 'redis', redisUrl: redis.url });
    await expect(opening).rejects.toMatchObject({ code: 'redis-lost' });
  });

  test('something at the path of the ingest socket, after which the node leaves nothing open', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'feedbench-node-'));
    const ingest = join(directory, 'ingest');
    await writeFile(ingest, '');
    const said: boolean[] = [];
    const opening = openNode({ transports: ['polling'], ingest }, { onHealth: (healthy) => void said.push(healthy) });
    await expect(opening).rejects.toMatchObject({
      code: 'port-in-use',
      message: `cannot take messages at ${ingest} (EADDRINUSE); choose another path`,
    });
    expect(said).toEqual([true]);
    await rm(directory, { recursive: true });
  });

  test(
    'a port in use, after which no connection to Redis is left',
    needs(hasRedis, 'redis-server is not installed'),
    async ({ signal }) => {
      await using redis = await startTestRedis();
      await using node = await openTestNode({ transport: 'polling' });
      const opening = openNode({ transports: ['polling'], backplane: 'redis', redisUrl: redis.url, port: node.port });
      await expect(opening).rejects.toMatchObject({ code: 'port-in-use' });
      // Redis sees the ends of the connections in its own time, after which there is only the one that asks.
      let clients = '\n';
      while (clients.includes('\n') && !signal.aborted) clients = String(await redis.admin.client('LIST')).trim();
      expect(clients).toContain('cmd=client|list');
    },
  );

  test.each([
    [{ transports: ['carrier-pigeon'] }, 'transports.0: '],
    [{ transports: ['polling'], port: 70_000 }, 'port: '],
    [{ transports: ['polling'], holdMs: 0 }, 'holdMs: '],
    [{ transports: ['polling'], holdMs: 2 ** 31 }, 'holdMs: '],
    [{ transports: ['polling'], backplane: 'redis', redisUrl: 'http://127.0.0.1' }, 'REDIS_URL is no address'],
    [{ transports: ['polling'], backplane: 'redis', redisUrl: 'redis://127.0.0.1:99999' }, 'REDIS_URL is no address'],
    [{ transports: ['polling'], host: '' }, 'host: '],
    [{ transports: ['polling'], colour: 'red' }, 'Unrecognized key: "colour"'],
  ])('an option that is wrong: %o', async (options, problem) => {
    const opening = openNode(options as Parameters<typeof openNode>[0]);
    await expect(opening).rejects.toMatchObject({ code: 'usage' });
    await expect(opening).rejects.toThrow(problem);
  });
});

describe('closing', () => {
  test('twice is closing once', async () => {
    const node = await openNode({ transports: ['polling'], closeMs: 50 });
    // It takes its time, because this connection asks for nothing.
    const mute = await connected(node.port);
    let closed = false;
    const first = node.close().then(() => {
      closed = true;
    });
    await node.close();
    expect(closed).toBe(true);
    await first;
    mute.destroy();
    await expect(health(node.port)).rejects.toThrow('fetch failed');
  });

  test('takes the ingest socket away', async () => {
    const ingest = join(tmpdir(), `feedbench-${randomUUID()}`);
    const node = await openNode({ transports: ['polling'], ingest });
    expect(existsSync(ingest)).toBe(true);
    await node.close();
    expect(existsSync(ingest)).toBe(false);
  });

  test.each(TRANSPORT_IDS)('does not wait for connections that ask for nothing: %s', async (transport) => {
    const node = await openNode({ transports: [transport], closeMs: 100 });
    const mute = await connected(node.port);
    const kept = await connected(node.port);
    kept.write('GET /health HTTP/1.1\r\nHost: node\r\n\r\n');
    await once(kept, 'data');
    const half = await connected(node.port);
    half.write('GET /hea');
    const ends = [mute, kept, half].map(async (socket) => {
      // Cut off or ended, it does not matter here.
      socket.on('error', () => undefined);
      socket.resume();
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
      });
    });
    await node.close();
    await Promise.all(ends);
    expect(mute.destroyed).toBe(true);
  });

  test('answers a held poll and ends its connection, though it asks for nothing more', async () => {
    // So long that it would not be cut in the time of this test.
    const node = await openNode({ transports: ['long-polling'], closeMs: 60_000 });
    const socket = await connected(node.port);
    socket.setEncoding('utf8');
    socket.write('GET /next?since=0 HTTP/1.1\r\nHost: node\r\n\r\n');
    const other = await fetch(`http://127.0.0.1:${node.port}/health`);
    await other.text();
    const [answer] = await Promise.all([once(socket, 'data'), node.close()]);
    expect(answer[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer[0]).toMatch(/\r\n\r\n\[\]$/);
  });
});

describe('several doors', () => {
  test('stand on one port, onto one log', async () => {
    await using node = await openTestNode({ transports: [...TRANSPORT_IDS] });
    expect(await health(node.port)).toMatchObject({ body: { transports: TRANSPORT_IDS } });
    const subscribers = await Promise.all(
      TRANSPORT_IDS.map(async (transport) => subscribe({ transport, port: node.port })),
    );
    for (let index = 0; index < 20; index++) await node.append({ index });
    await Promise.all(subscribers.map(async (subscriber) => subscriber.untilSeq(20)));
    for (const subscriber of subscribers) {
      expect(subscriber.sequence).toEqual(numbers(1, 20));
      expect(subscriber.intact).toBe(true);
    }
    await node.close();
    await Promise.all(subscribers.map(async (one) => one.until(({ lostReason }) => lostReason !== undefined)));
  });

  test('named twice are one', async () => {
    await using node = await openTestNode({ transports: ['polling', 'polling'] });
    expect(await health(node.port)).toMatchObject({ body: { transports: ['polling'] } });
  });

  test('are at least one', async () => {
    await expect(openNode({ transports: [] })).rejects.toMatchObject({ code: 'usage' });
  });
});

test('an answer that its client has not taken yet goes out whole before the node is closed', async () => {
  const megabytes = 12;
  const node = await openTestNode({ transports: ['polling'], closeMs: 60_000 });
  for (let count = 0; count < megabytes; count++) await node.append('x'.repeat(1024 * 1024));
  const socket = connect(node.port, '127.0.0.1');
  socket.write('GET /messages HTTP/1.1\r\nHost: node\r\n\r\n');
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  let taken = first.length;
  socket.on('data', (bytes: Buffer) => {
    taken += bytes.length;
  });
  socket.pause();
  const closed = node.close();
  await setImmediate();
  socket.resume();
  await Promise.all([once(socket, 'close'), closed]);
  expect(taken).toBeGreaterThan(megabytes * 1024 * 1024);
});
