import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';
import { TRANSPORT_IDS } from './registry.ts';
import { openTestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from './testing/test-redis.ts';
import { numbers, subscribe, type TestSubscriber } from './testing/test-subscriber.ts';

/** What every transport owes the clients of several nodes that share a feed. */

let redis: TestRedis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

function redisOption(): { redisUrl?: string } {
  return redis === undefined ? {} : { redisUrl: redis.url };
}

/** Every number that came or was declared lost, in the order of the telling. */
function accounted(subscriber: TestSubscriber): number[] {
  return subscriber.told.flatMap((one) => {
    if (one.kind === 'message') return [one.seq];
    return one.kind === 'notice' && one.notice.notice === 'gap' ? numbers(one.notice.from, one.notice.to) : [];
  });
}

describe.each(TRANSPORT_IDS.map((transport) => ({ transport })))('$transport on three nodes', ({ transport }) => {
  const shared = (): TestNodeOptions => ({ transport, backplane: 'redis', ...redisOption(), feed: randomUUID() });

  test(
    'has one order on all of them, whichever takes the messages',
    needs(hasRedis, 'redis-server is not installed'),
    async () => {
      const options = shared();
      await using first = await openTestNode(options);
      await using second = await openTestNode(options);
      await using third = await openTestNode(options);
      const nodes = [first, second, third] as const;
      const subscribers = await Promise.all(nodes.map(async ({ port }) => subscribe({ transport, port })));
      const appends = numbers(1, 300).map(async (index) => (nodes[index % 3] ?? first).append({ index }));
      const given = await Promise.all(appends);
      await Promise.all(subscribers.map(async (subscriber) => subscriber.untilSeq(300)));
      expect(given.toSorted((a, b) => a - b)).toEqual(numbers(1, 300));
      for (const subscriber of subscribers) {
        expect(subscriber.sequence).toEqual(numbers(1, 300));
        expect(subscriber.intact).toBe(true);
        subscriber.close();
      }
    },
  );

  test('is served by a node that was started late', needs(hasRedis, 'redis-server is not installed'), async () => {
    const options = shared();
    await using first = await openTestNode(options);
    for (let index = 0; index < 30; index++) await first.append({ index });
    await using late = await openTestNode(options);
    const subscriber = await subscribe({ transport, port: late.port });
    await first.append('live');
    await subscriber.untilSeq(31);
    expect(subscriber.sequence).toEqual(numbers(1, 31));
    subscriber.close();
  });

  test(
    'fills from the history what pub/sub lost, and counts it',
    needs(hasRedis, 'redis-server is not installed'),
    async () => {
      const options = shared();
      await using first = await openTestNode(options);
      await using second = await openTestNode(options);
      const subscribers = await Promise.all([first, second].map(async ({ port }) => subscribe({ transport, port })));
      await first.append('before');
      await Promise.all(subscribers.map(async (subscriber) => subscriber.untilSeq(1)));
      // Both lose their subscription, and the messages come before either can have it again.
      await redis?.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      for (let index = 0; index < 5; index++) await first.append({ index });
      await Promise.all(subscribers.map(async (subscriber) => subscriber.untilSeq(6)));
      for (const subscriber of subscribers) {
        expect(subscriber.sequence).toEqual(numbers(1, 6));
        expect(subscriber.notices).toEqual([]);
        subscriber.close();
      }
      for (const node of [first, second]) {
        expect(node.gapsFilled).toBe(5);
        await node.until(({ healthy }) => healthy);
        expect(node.health.map(({ healthy }) => healthy)).toContain(false);
      }
    },
  );

  test('declares what even the history has lost', needs(hasRedis, 'redis-server is not installed'), async () => {
    const options = { ...shared(), historyMessages: 3 };
    await using node = await openTestNode(options);
    const subscriber = await subscribe({ transport, port: node.port });
    await node.append('before');
    await subscriber.untilSeq(1);
    await redis?.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (let index = 0; index < 10; index++) await node.append({ index });
    await subscriber.untilSeq(11);
    expect(subscriber.notices).toEqual([{ notice: 'gap', from: 2, to: 8 }]);
    expect(accounted(subscriber)).toEqual(numbers(1, 11));
    subscriber.close();
  });
});
