import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { bodyOf, numbers } from '../testing/test-subscriber.ts';
import type { BackplaneOptions } from './backplane.ts';
import { openBackplane } from './redis.ts';
import { failure, FedLog } from './testing/fed-log.ts';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';

async function fedBy(options: Partial<BackplaneOptions>): Promise<FedLog> {
  return new FedLog().open(openBackplane, options);
}

async function silentServer(): Promise<{ port: number } & Disposable> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

describe('without a Redis that answers', () => {
  test('says at once that nothing listens, and where', async () => {
    const { port, [Symbol.dispose]: close } = await silentServer();
    close();
    const url = `redis://user:secret@127.0.0.1:${port}`;
    const error = await failure(fedBy({ redisUrl: url }));
    expect(error).toMatchObject({ code: 'redis-lost' });
    expect(String(error)).toContain(`redis://127.0.0.1:${port}: connect ECONNREFUSED`);
    expect(String(error)).not.toContain('secret');
  });

  test('gives up on one that takes the connection and says nothing', { timeout: 6000 }, async () => {
    using silent = await silentServer();
    expect(await failure(fedBy({ redisUrl: `redis://127.0.0.1:${silent.port}` }))).toMatchObject({
      code: 'redis-lost',
    });
  });
});

describe('while Redis stands', needs(hasRedis, 'redis-server is not installed'), () => {
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startTestRedis();
  });

  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
  });

  test('catches up and is healthy again when only the command connection was lost', async () => {
    await using fed = await fedBy({ redisUrl: redis.url });
    await fed.append('first');
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
    await fed.until(({ healthy }) => !healthy);
    await fed.until(({ healthy }) => healthy);
    await fed.append('second');
    await fed.untilSeq(2);
    expect(fed.sequence).toEqual([1, 2]);
  });

  test('fetches what was published while its subscription was lost, though nothing more comes', async () => {
    const feed = randomUUID();
    await using fed = await fedBy({ redisUrl: redis.url, feed });
    await fed.append('first');
    await fed.untilSeq(1);
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await fed.append('second');
    await fed.untilSeq(2);
    expect(fed.gapsFilled).toBe(1);
  });

  test('catches up however often its connections are cut while it does', async () => {
    const feed = randomUUID();
    await using writer = await fedBy({ redisUrl: redis.url, feed });
    await using relay = await openTestRelay(Number(new URL(redis.url).port));
    await using fed = await fedBy({ redisUrl: `redis://127.0.0.1:${relay.port}`, feed });
    for (let round = 0; round < 5; round++) {
      relay.cut();
      for (let index = 0; index < 10; index++) await writer.append({ index });
    }
    await fed.untilSeq(50);
    expect(fed.sequence).toEqual(numbers(1, 50));
  });

  test('does not take a message twice that it heard and fetched', async () => {
    const feed = randomUUID();
    await using writer = await fedBy({ redisUrl: redis.url, feed });
    const opening = Promise.all(numbers(1, 4).map(async () => fedBy({ redisUrl: redis.url, feed })));
    const appends = Promise.all(numbers(1, 100).map(async (index) => writer.append({ index })));
    const late = await opening;
    await appends;
    for (const fed of late) {
      await fed.untilSeq(100);
      expect(fed.sequence).toEqual(numbers(1, 100));
      expect(fed.gapsFilled).toBe(0);
      await fed.close();
    }
  });

  test('counts as filled only what pub/sub lost', async () => {
    const feed = randomUUID();
    await using fed = await fedBy({ redisUrl: redis.url, feed });
    await fed.append('first');
    await fed.untilSeq(1);
    await redis.admin.incr(`feedbench:{${feed}}:seq`);
    await redis.admin.xadd(`feedbench:{${feed}}:history`, '2-0', 'body', bodyOf('never published'));
    // Heard, and found in the history too when the one before it is fetched.
    await fed.append('third');
    await fed.untilSeq(3);
    expect(fed.sequence).toEqual([1, 2, 3]);
    await fed.until(({ gapsFilled }) => gapsFilled > 0);
    expect(fed.gapsFilled).toBe(1);
  });

  test('never appends a message again whose confirmation was lost', async () => {
    const feed = randomUUID();
    await using witness = await fedBy({ redisUrl: redis.url, feed });
    await using relay = await openTestRelay(Number(new URL(redis.url).port));
    await using fed = await fedBy({ redisUrl: `redis://127.0.0.1:${relay.port}`, feed });
    relay.stall();
    const unconfirmed = failure(fed.append('once'));
    await witness.untilSeq(1);
    relay.cut();
    expect(await unconfirmed).toMatchObject({ code: 'redis-lost' });
    await fed.untilSeq(1);
    await fed.until(({ healthy }) => healthy);
    expect(await fed.append('another')).toBe(2);
    await witness.untilSeq(2);
    expect(witness.sequence).toEqual([1, 2]);
    expect(witness.messages.map(({ data }) => data)).toEqual(['once', 'another']);
  });

  test('takes no notice of what others say on its channel', async () => {
    const feed = randomUUID();
    await using fed = await fedBy({ redisUrl: redis.url, feed });
    await fed.append('first');
    await fed.untilSeq(1);
    for (const text of ['', 'hello', 'hello world', ' 2', '-1 x', '1 an old number', '1e9', 'NaN x'])
      await redis.admin.publish(`feedbench:{${feed}}:messages`, text);
    await fed.append('second');
    await fed.untilSeq(2);
    expect(fed.sequence).toEqual([1, 2]);
    expect(fed.health.every(({ healthy }) => healthy)).toBe(true);
  });

  test('stops, and says why, when the feed was emptied under it', async () => {
    const feed = randomUUID();
    await using fed = await fedBy({ redisUrl: redis.url, feed });
    for (let index = 0; index < 3; index++) await fed.append({ index });
    await fed.untilSeq(3);
    await redis.admin.flushall();
    const refused = { code: 'redis-lost', message: expect.stringContaining('came back without the feed') as unknown };
    expect(await failure(fed.append('the first of another feed'))).toMatchObject(refused);
    expect(fed.healthy).toBe(false);
    expect(fed.health.at(-1)?.reason).toContain('came back without the feed');
    expect(await failure(fed.say({ channel: 'room:1', from: 'ann', n: 1 }))).toMatchObject(refused);
    expect(await failure(fed.presence.snapshot())).toMatchObject(refused);
    expect(await failure(fed.presence.online('ann'))).toMatchObject(refused);
    expect(fed.log.latest).toBe(3);
    expect(await redis.admin.keys(`*${feed}*`)).toEqual([]);
  });

  test('does not go on with a feed that has lost what it had last', async () => {
    const feed = randomUUID();
    await using fed = await fedBy({ redisUrl: redis.url, feed });
    for (let index = 0; index < 3; index++) await fed.append({ index });
    await fed.untilSeq(3);
    // As a Redis does that writes to its disk once a second, and was killed.
    await redis.admin.decr(`feedbench:{${feed}}:seq`);
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await fed.until(({ health }) => health.at(-1)?.reason.includes('came back without the feed') ?? false);
    expect(await failure(fed.append('no more'))).toMatchObject({ code: 'redis-lost' });
  });

  test('is forgotten with all that it has where its nodes are killed, and kept where it is to be', async () => {
    const lifetimes = async (forgetOnClose: boolean): Promise<readonly number[]> => {
      const feed = randomUUID();
      await using fed = await fedBy({ redisUrl: redis.url, feed, forgetOnClose });
      await fed.append('first');
      await fed.say({ channel: 'room:1', from: 'ann', n: 1 });
      fed.presence.arrive('ann');
      await fed.untilSeq(3);
      const keys = await redis.admin.keys(`*${feed}*`);
      return await Promise.all(keys.map(async (key) => redis.admin.ttl(key)));
    };
    const bounded = await lifetimes(true);
    expect(bounded.every((seconds) => seconds > 3500 && seconds <= 3600)).toBe(true);
    expect(await lifetimes(false)).toEqual(bounded.map(() => -1));
    expect(bounded).toHaveLength(8);
  });

  test('leaves nothing in Redis where it is told to', async () => {
    const feed = randomUUID();
    const kept = await fedBy({ redisUrl: redis.url, feed });
    await kept.append('first');
    await kept.close();
    expect(await redis.admin.keys(`*${feed}*`)).toHaveLength(3);
    const forgotten = await fedBy({ redisUrl: redis.url, feed, forgetOnClose: true });
    expect(forgotten.sequence).toEqual([1]);
    await forgotten.close();
    expect(await redis.admin.keys(`*${feed}*`)).toEqual([]);
  });

  test('the node that closes last forgets the feed, and a node that was killed does not keep it for ever', async () => {
    const feed = randomUUID();
    const options = { redisUrl: redis.url, feed, forgetOnClose: true };
    const [first, second] = [await fedBy(options), await fedBy(options)];
    await first.append('first');
    await first.close();
    expect(await second.append('second')).toBe(2);
    await second.untilSeq(2);
    // One that was killed is there for a while.
    await redis.admin.zadd(`feedbench:{${feed}}:nodes`, Date.now() + 60_000, 'killed');
    await second.close();
    const keys = await redis.admin.keys(`*${feed}*`);
    expect(keys).toHaveLength(4);
    for (const key of keys) expect(await redis.admin.pttl(key)).toBeGreaterThan(0);
  });
});

describe('when Redis dies', needs(hasRedis, 'redis-server is not installed'), () => {
  test('rejects an append at once, and goes on where it was when Redis is back', REAL_TIME, async () => {
    await using redis = await startTestRedis('keep');
    const feed = randomUUID();
    await using first = await fedBy({ redisUrl: redis.url, feed });
    await using second = await fedBy({ redisUrl: redis.url, feed });
    for (let index = 0; index < 3; index++) await first.append({ index });
    await second.untilSeq(3);
    await redis.kill();
    await Promise.all([first, second].map(async (fed) => fed.until(({ healthy }) => !healthy)));
    const askedAt = performance.now();
    expect(await failure(first.append('lost'))).toMatchObject({ code: 'redis-lost' });
    // Not after the 3 s that a frozen Redis is given.
    expect(performance.now() - askedAt).toBeLessThan(2000);
    await redis.start();
    await Promise.all([first, second].map(async (fed) => fed.until(({ healthy }) => healthy)));
    expect(await second.append('again')).toBe(4);
    await Promise.all([first, second].map(async (fed) => fed.untilSeq(4)));
    expect(first.sequence).toEqual([1, 2, 3, 4]);
    expect(second.sequence).toEqual([1, 2, 3, 4]);
  });

  test('rejects an append that was on its way', async () => {
    await using redis = await startTestRedis();
    await using fed = await fedBy({ redisUrl: redis.url });
    redis.signal('SIGSTOP');
    const onItsWay = failure(fed.append('lost'));
    await redis.kill();
    expect(await onItsWay).toMatchObject({ code: 'redis-lost' });
  });

  test('rejects an append that a frozen Redis does not answer', async () => {
    await using redis = await startTestRedis();
    await using fed = await fedBy({ redisUrl: redis.url });
    redis.signal('SIGSTOP');
    expect(await failure(fed.append('lost'))).toMatchObject({ code: 'redis-lost' });
    redis.signal('SIGCONT');
  });

  test('does not go on with a feed that began anew', async () => {
    await using redis = await startTestRedis('forget');
    const feed = randomUUID();
    await using fed = await fedBy({ redisUrl: redis.url, feed });
    for (let index = 0; index < 3; index++) await fed.append({ index });
    await fed.untilSeq(3);
    await redis.kill();
    await redis.start();
    await fed.until(({ health }) => health.at(-1)?.reason.includes('came back without the feed') ?? false);
    // The other feed has gone beyond the number that this node has: numbers alone would fit together.
    await using fresh = await fedBy({ redisUrl: redis.url, feed });
    for (let index = 0; index < 5; index++) await fresh.append({ index });
    await fresh.untilSeq(5);
    expect(await failure(fed.append('no more'))).toMatchObject({ code: 'redis-lost' });
    expect(fed.sequence).toEqual([1, 2, 3]);
  });
});
