import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { needs } from '../../scenarios/testing/conditions.ts';
import { headerProfile } from '../registry.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { openTestRelay, type TestRelay } from '../testing/test-relay.ts';
import { numbers, TestSubscriber } from '../testing/test-subscriber.ts';
import { openSession } from './client.ts';

/**
 * Connection state recovery, which is the library's: what it gives back, and what it loses. Proven by the numbers of the
 * messages: that a client was recovered, as the library says, does not say that it has all.
 */

const present: TestSubscriber[] = [];

async function come(port: number, values: DimensionValues, remembered?: string): Promise<TestSubscriber> {
  const subscriber = new TestSubscriber();
  present.push(subscriber);
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: { kind: 'oldest' },
      values: { ...values, recovery: 'library' },
      headers: headerProfile('minimal'),
      poll: { originNs: monotonicNs(), intervalNs: 10e6 },
      ...(remembered !== undefined && { remembered }),
    },
    subscriber,
  );
  await subscriber.until(({ openings, end }) => openings > 0 || end !== undefined);
  return subscriber;
}

/** What the session had left when it was lost. Between two polls nothing is: this is while one is held. */
async function lose(subscriber: TestSubscriber, relay: TestRelay): Promise<string | undefined> {
  let before = Number.NaN;
  await expect.poll(() => before === (before = relay.bytesUp)).toBe(true);
  relay.cut();
  await subscriber.until(({ end }) => end !== undefined);
  return subscriber.session?.remembered;
}

afterEach(() => {
  for (const subscriber of present.splice(0)) subscriber.close();
});

async function append(node: TestNode, first: number, last: number): Promise<void> {
  for (const index of numbers(first, last)) await node.append({ index });
}

describe.each<DimensionValues>([
  { shape: 'websocket' },
  { shape: 'polling' },
  { shape: 'upgrade' },
  { shape: 'websocket', frames: 'binary' },
  { shape: 'polling', frames: 'binary' },
])('in memory, $shape, $frames', (values) => {
  async function open(): Promise<TestNode> {
    return openTestNode({ transport: 'socketio', values: { ...values, recovery: 'library' } });
  }

  test('gives whoever comes back what came meanwhile, and whoever is there what comes, once', async () => {
    await using node = await open();
    await using relay = await openTestRelay(node.port);
    const [first, other] = [await come(relay.port, values), await come(node.port, values)];
    await append(node, 1, 5);
    await first.untilSeq(5);
    const remembered = await lose(first, relay);
    await append(node, 6, 10);
    await other.untilSeq(10);
    const back = await come(node.port, values, remembered);
    await append(node, 11, 12);
    await Promise.all([back.untilSeq(12), other.untilSeq(12)]);
    expect(first.sequence).toEqual(numbers(1, 5));
    expect(back.sequence).toEqual(numbers(6, 12));
    expect(other.sequence).toEqual(numbers(1, 12));
    expect([back, other].every(({ intact }) => intact)).toBe(true);
  });
});

test('a quiet feed leaves nothing to go on from: what came first is lost', async () => {
  await using node = await openTestNode({ transport: 'socketio', values: { recovery: 'library' } });
  await using relay = await openTestRelay(node.port);
  const first = await come(relay.port, {});
  const remembered = await lose(first, relay);
  await append(node, 1, 3);
  const back = await come(node.port, {}, remembered);
  await append(node, 4, 4);
  await back.untilSeq(4);
  expect(back.sequence).toEqual([4]);
});

test('without it a server remembers nothing', async () => {
  await using node = await openTestNode({ transport: 'socketio' });
  await using relay = await openTestRelay(node.port);
  const first = await come(relay.port, {});
  await append(node, 1, 1);
  await first.untilSeq(1);
  const remembered = await lose(first, relay);
  await append(node, 2, 2);
  const back = await come(node.port, {}, remembered);
  await append(node, 3, 3);
  await back.untilSeq(3);
  // It shows something that means nothing here, and says no number.
  expect(back.sequence).toEqual([1, 2, 3]);
});

describe('over the streams adapter', needs(hasRedis, 'redis-server is not installed'), () => {
  let redis: TestRedis;

  beforeAll(async () => {
    if (hasRedis) redis = await startTestRedis();
  });

  afterAll(async () => {
    if (hasRedis) await redis[Symbol.asyncDispose]();
  });

  async function openTwo(): Promise<[TestNode, TestNode]> {
    const options = {
      transport: 'socketio',
      backplane: 'socketio-streams',
      feed: randomUUID(),
      redisUrl: redis.url,
      values: { recovery: 'library' },
    } as const;
    return [await openTestNode(options), await openTestNode(options)];
  }

  test('another node goes on with the session of one that said goodbye', async () => {
    const [taker, leaver] = await openTwo();
    await using first = taker;
    await using second = leaver;
    const [client, witness] = [await come(second.port, {}), await come(first.port, {})];
    await append(first, 1, 3);
    await Promise.all([client.untilSeq(3), witness.untilSeq(3)]);
    await second.close();
    await client.until(({ end }) => end !== undefined);
    await append(first, 4, 6);
    await witness.untilSeq(6);
    const back = await come(first.port, {}, client.session?.remembered);
    await append(first, 7, 7);
    await back.untilSeq(7);
    expect(back.sequence).toEqual(numbers(4, 7));
  });

  test('whoever is back before its server has seen it go is not known, and loses what came', async () => {
    const [taker, other] = await openTwo();
    await using first = taker;
    await using second = other;
    await using relay = await openTestRelay(second.port);
    const [client, witness] = [await come(relay.port, {}), await come(first.port, {})];
    await append(first, 1, 3);
    await Promise.all([client.untilSeq(3), witness.untilSeq(3)]);
    relay.stall();
    await append(first, 4, 6);
    await witness.untilSeq(6);
    const back = await come(first.port, {}, client.session?.remembered);
    await append(first, 7, 7);
    await back.untilSeq(7);
    expect(back.sequence).toEqual([7]);
  });
});
