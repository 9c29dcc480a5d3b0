import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionEnd } from '../scenarios/session-end.ts';
import type { Cadence } from '../scenarios/transport-traits.ts';
import { askByHand } from './testing/ask-by-hand.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from './testing/test-redis.ts';
import { missedBy } from './testing/conflation.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { numbers, subscribe, type TestSubscriber } from './testing/test-subscriber.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor, TRANSPORT_IDS, transportRow } from './registry.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';

/** What every transport owes its clients, over every backplane, through both of its halves and real TCP. */

const rows = TRANSPORT_IDS.flatMap((transport) =>
  BACKPLANE_IDS.filter((backplane) => BACKPLANES[backplane].sharesLog && isGoodFor(backplane, transport)).map(
    (backplane) => ({ transport, backplane }),
  ),
);
const kilobytes64 = 'x'.repeat(64 * 1024);

/** How many messages are in the answers that a client has when its node closes, where it waited for one. */
const LAST_ANSWERS: Readonly<Record<Cadence, number[]>> = { interval: [], held: [0], push: [] };

const ONE_ANSWER_WAITS =
  'a client that does not read its answer asks for no other, so one answer is all that waits for it';

/** One of those ways, whatever was said besides. */
function expectOneOf(ways: readonly object[], end: SessionEnd | undefined): void {
  expect(ways.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(end);
}

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

/** Bytes of buffers that somebody still holds; what a first collection lets go of may take a turn and a second one. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await setImmediate();
  }
  return process.memoryUsage().arrayBuffers;
}

/** Every number that came or was declared lost, in the order of the telling. */
function accounted(subscriber: TestSubscriber): number[] {
  return subscriber.told.flatMap((one) => {
    if (one.kind === 'message') return [one.seq];
    return one.kind === 'notice' && one.notice.notice === 'gap' ? numbers(one.notice.from, one.notice.to) : [];
  });
}

describe.each(rows)('$transport over $backplane', ({ transport, backplane }) => {
  const row = transportRow(transport);
  const needed = needs(hasRedis || !BACKPLANES[backplane].needsRedis, 'redis-server is not installed');

  async function open(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
    return openTestNode({ transport, backplane, ...redisOption(), ...options });
  }

  test('delivers in order, with nothing before and nothing between', needed, async () => {
    await using node = await open();
    const subscriber = await subscribe({ transport, port: node.port });
    for (let index = 0; index < 20; index++) await node.append({ index });
    await subscriber.untilSeq(20);
    expect(subscriber.sequence).toEqual(numbers(1, 20));
    expect(subscriber.notices).toEqual([]);
    expect(subscriber.intact).toBe(true);
    subscriber.close();
  });

  test('delivers to all clients, and to one that comes later what was before', needed, async () => {
    await using node = await open();
    const early = await subscribe({ transport, port: node.port });
    await node.append('first');
    await early.untilSeq(1);
    const late = await subscribe({ transport, port: node.port });
    await node.append('second');
    await Promise.all([early.untilSeq(2), late.untilSeq(2)]);
    expect(early.sequence).toEqual([1, 2]);
    expect(late.sequence).toEqual([1, 2]);
    early.close();
    late.close();
  });

  test('resumes after the last message that a client had', needed, async () => {
    await using node = await open();
    const first = await subscribe({ transport, port: node.port });
    for (let index = 0; index < 5; index++) await node.append({ index });
    await first.untilSeq(5);
    first.close();
    for (let index = 5; index < 10; index++) await node.append({ index });
    const second = await subscribe({ transport, port: node.port, position: { kind: 'after', seq: 5 } });
    await second.untilSeq(10);
    await node.append('live again');
    await second.untilSeq(11);
    expect(first.sequence).toEqual(numbers(1, 5));
    expect(first.lostReason).toBeUndefined();
    expect(second.sequence).toEqual(numbers(6, 11));
    second.close();
  });

  test('begins with all that is held for whoever has nothing, whether it says so or not', needed, async () => {
    await using node = await open({ logMessages: 5 });
    for (let index = 0; index < 7; index++) await node.append({ index });
    await node.until(({ appended }) => appended === 7);
    const first = [{ notice: 'gap', from: 1, to: 2 }, ...numbers(3, 7)];
    expect(await askByHand({ transport, port: node.port, query: '', entries: 6 })).toEqual(first);
    expect(await askByHand({ transport, port: node.port, query: '?since=0', entries: 6 })).toEqual(first);
    expect(await askByHand({ transport, port: node.port, query: '?since=6', entries: 1 })).toEqual([7]);
  });

  test('delivers a thousand messages of one tick', needed, async () => {
    await using node = await open();
    const subscriber = await subscribe({ transport, port: node.port });
    await Promise.all(numbers(1, 1000).map(async (index) => node.append({ index })));
    await subscriber.untilSeq(1000);
    expect(subscriber.sequence).toEqual(numbers(1, 1000));
    expect(subscriber.intact).toBe(true);
    subscriber.close();
  });

  test('delivers bursts with silence between them', needed, async () => {
    await using node = await open();
    const subscriber = await subscribe({ transport, port: node.port });
    for (const last of [50, 100, 150]) {
      await Promise.all(numbers(last - 49, last).map(async (index) => node.append({ index })));
      await subscriber.untilSeq(last);
    }
    expect(subscriber.sequence).toEqual(numbers(1, 150));
    subscriber.close();
  });

  test('leaves every byte of a payload as it was', needed, async () => {
    await using node = await open();
    const subscriber = await subscribe({ transport, port: node.port });
    const payloads = ['', 'a\nb\r\nc', '"quoted", \\back\\slashed', '🛰️ größer 数', '\u2028\u0000],\n[', kilobytes64];
    for (const payload of payloads) await node.append({ payload });
    await subscriber.untilSeq(payloads.length);
    expect(subscriber.sequence).toEqual(numbers(1, payloads.length));
    expect(subscriber.intact).toBe(true);
    const overhead = subscriber.told.map((one, index) =>
      one.kind === 'message' ? one.bytes - Buffer.byteLength(JSON.stringify(payloads[index])) : 0,
    );
    expect(Math.max(...overhead) - Math.min(...overhead)).toBeLessThan(4);
    subscriber.close();
  });

  test('delivers messages as large as a workload may ask for, several at once', needed, async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    await using node = await open({ historyMessages: 20 });
    const subscriber = await subscribe({ transport, port: node.port });
    for (const last of [8, 16]) {
      await Promise.all(numbers(last - 7, last).map(async () => node.append(megabyte)));
      await subscriber.untilSeq(last);
    }
    expect(subscriber.sequence).toEqual(numbers(1, 16));
    expect(subscriber.intact).toBe(true);
    expect(node.slowConsumers).toBe(0);
    subscriber.close();
  });

  test('lets a client that was away long catch up, however little may wait unsent', needed, async () => {
    await using node = await open({ sendBufferBytes: 128 * 1024, historyMessages: 1000 });
    for (let index = 0; index < 20; index++) {
      await Promise.all(numbers(1, 20).map(async () => node.append(kilobytes64)));
    }
    const subscriber = await subscribe({ transport, port: node.port });
    await node.append('live');
    await subscriber.untilSeq(401);
    expect(subscriber.sequence).toEqual(numbers(1, 401));
    expect(subscriber.lostReason).toBeUndefined();
    expect(node.slowConsumers).toBe(0);
    subscriber.close();
  });

  test('tells a client that is ahead of the log, and goes on from there', needed, async () => {
    await using node = await open();
    await node.append('first');
    await node.until(({ appended }) => appended === 1);
    const subscriber = await subscribe({ transport, port: node.port, position: { kind: 'after', seq: 1000 } });
    await subscriber.until(({ notices }) => notices.length > 0);
    await node.append('second');
    await subscriber.untilSeq(2);
    expect(subscriber.notices).toEqual([{ notice: 'reset', latest: 1 }]);
    expect(subscriber.sequence).toEqual([2]);
    subscriber.close();
  });

  test('tells a client what the log no longer holds, whether it was there before or not', needed, async () => {
    await using node = await open({ logMessages: 5 });
    for (let index = 0; index < 12; index++) await node.append({ index });
    await node.until(({ appended }) => appended === 12);
    const back = await subscribe({ transport, port: node.port, position: { kind: 'after', seq: 3 } });
    const fresh = await subscribe({ transport, port: node.port });
    await Promise.all([back.untilSeq(12), fresh.untilSeq(12)]);
    expect(back.notices).toEqual([{ notice: 'gap', from: 4, to: 7 }]);
    expect(fresh.notices).toEqual([{ notice: 'gap', from: 1, to: 7 }]);
    expect(back.sequence).toEqual(numbers(8, 12));
    expect(fresh.sequence).toEqual(numbers(8, 12));
    back.close();
    fresh.close();
  });

  test('refuses a since that is no number', needed, async () => {
    await using node = await open();
    const position = { kind: 'after', seq: Number.NaN } as const;
    const subscriber = await subscribe({ transport, port: node.port, position });
    expect(subscriber.lostReason).toBe('the server answered 400 Bad Request');
    expect(subscriber.openings).toBe(0);
  });

  test('closes and counts a client that takes nothing for a time', { ...REAL_TIME, ...needed }, async ({ skip }) => {
    if (row.cadence !== 'push') skip(ONE_ANSWER_WAITS);
    await using node = await open({ slowMs: 400 });
    await using relay = await openTestRelay(node.port);
    const slow = await subscribe({ transport, port: relay.port });
    const quick = await subscribe({ transport, port: node.port });
    relay.stall();
    let latest = 0;
    while (node.slowConsumers === 0) {
      latest = await node.append(kilobytes64);
      await quick.untilSeq(latest);
    }
    await node.append('after the close');
    await quick.untilSeq(latest + 1);
    relay.resume();
    await slow.until(({ lostReason }) => lostReason !== undefined);
    expectOneOf(row.cadence === 'push' ? row.tooSlow : [], slow.end);
    expect(node.slowConsumers).toBe(1);
    expect(slow.sequence).toEqual(numbers(1, slow.sequence.length));
    expect(slow.sequence.length).toBeLessThan(latest);
    expect(quick.sequence).toEqual(numbers(1, latest + 1));
    quick.close();
  });

  test('closes and counts a client that falls behind what the log holds', needed, async ({ skip }) => {
    if (row.cadence !== 'push') skip(ONE_ANSWER_WAITS);
    await using node = await open({ logMessages: 10 });
    await using relay = await openTestRelay(node.port);
    const slow = await subscribe({ transport, port: relay.port });
    relay.stall();
    while (node.slowConsumers === 0) await node.append(kilobytes64);
    relay.resume();
    await slow.until(({ lostReason }) => lostReason !== undefined);
    expectOneOf(row.cadence === 'push' ? row.tooSlow : [], slow.end);
    expect(slow.sequence).toEqual(numbers(1, slow.sequence.length));
    expect(slow.notices).toEqual([]);
  });

  test('cuts off a client that does not even take its close', needed, async () => {
    await using node = await open({ sendBufferBytes: 1024, closeMs: 50 });
    await using relay = await openTestRelay(node.port);
    const stuck = await subscribe({ transport, port: relay.port });
    relay.stall();
    await Promise.all(numbers(1, 200).map(async () => node.append(kilobytes64)));
    // The node has nothing left to wait for: a connection that it had kept would keep it from closing.
    await node.close();
    relay.resume();
    await stuck.until(({ lostReason }) => lostReason !== undefined);
    expect(stuck.lostReason).toBeDefined();
  });

  test('holds no more for a client that does not read than the log and the bound', needed, async () => {
    const bound = 1024 * 1024;
    await using node = await open({ logBytes: bound, sendBufferBytes: bound, closeMs: 60_000, historyMessages: 1 });
    await using relay = await openTestRelay(node.port);
    const slow = await subscribe({ transport, port: relay.port });
    relay.stall();
    const before = await heldBytes();
    for (let index = 0; index < 640; index++) await node.append(kilobytes64);
    await node.until(({ appended }) => appended >= 640);
    // The log, what waits for the client, and what is on its way through Redis and the relay.
    expect((await heldBytes()) - before).toBeLessThan(8 * bound);
    slow.close();
  });

  test('says goodbye when its node is closed, and takes nobody new', needed, async () => {
    await using node = await open({ holdMs: 600_000 });
    const subscriber = await subscribe({ transport, port: node.port });
    await node.append('first');
    await subscriber.untilSeq(1);
    // Whatever the subscriber has asked by now reaches the node before what this one asks.
    const other = await subscribe({ transport, port: node.port });
    other.close();
    const answersBefore = subscriber.answers.length;
    await node.close();
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expectOneOf(row.goodbye, subscriber.end);
    expect(subscriber.answers.slice(answersBefore)).toEqual(expect.arrayContaining(LAST_ANSWERS[row.cadence]));
    const late = await subscribe({ transport, port: node.port });
    expect(late.lostReason).toMatch(/ECONNREFUSED/);
  });
});

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

const conflating = rows.filter(({ transport }) => transportRow(transport).dimensions.deliver !== undefined);

describe.each(conflating)('the newest of each key by $transport over $backplane', ({ transport, backplane }) => {
  const needed = needs(hasRedis || !BACKPLANES[backplane].needsRedis, 'redis-server is not installed');
  const values = { deliver: 'latest' } as const;
  const keys = ['ACME', 'GLOBX', undefined, 'ACME', 'ACME', 'HOOLI', 'GLOBX'];
  const keyOf = (seq: number): string | undefined => keys[(seq - 1) % keys.length];
  const dataOf = (seq: number, pad = ''): unknown =>
    keyOf(seq) === undefined ? `no key ${seq}` : { key: keyOf(seq), pad };

  async function open(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
    return openTestNode({ transport, backplane, ...redisOption(), values, latestWindowMs: 20, ...options });
  }

  /** All of them at once. */
  async function appendAll(node: TestNode, seqs: readonly number[], pad = ''): Promise<void> {
    await Promise.all(seqs.map(async (seq) => node.append(dataOf(seq, pad))));
  }

  function expectNewest({ sequence, intact }: TestSubscriber, latest: number): void {
    expect(missedBy(sequence, { latest, keyOf })).toEqual([]);
    expect(sequence).toEqual([...new Set(sequence)].toSorted((a, b) => a - b));
    expect(intact).toBe(true);
  }

  test('comes to everybody, in order and once, and of a burst not all else', needed, async () => {
    await using node = await open();
    const early = await subscribe({ transport, port: node.port });
    for (const last of [70, 140, 210]) {
      await appendAll(node, numbers(last - 69, last));
      await early.untilSeq(last);
    }
    const late = await subscribe({ transport, port: node.port });
    await late.untilSeq(210);
    for (const subscriber of [early, late]) {
      expectNewest(subscriber, 210);
      expect(subscriber.notices).toEqual([]);
      expect(subscriber.sequence.length).toBeLessThan(210);
      subscriber.close();
    }
    expect(late.sequence).toEqual(numbers(1, 210).filter((seq) => keyOf(seq) === undefined || seq > 210 - 3));
  });

  test('comes to whoever was away, as far as it is newer than what that client has', needed, async () => {
    await using node = await open();
    await appendAll(node, numbers(1, 70));
    await node.until(({ appended }) => appended === 70);
    const back = await subscribe({ transport, port: node.port, position: { kind: 'after', seq: 69 } });
    await node.append(dataOf(71));
    await back.untilSeq(71);
    expect(back.sequence).toEqual([70, 71]);
    expect(back.notices).toEqual([]);
    back.close();
  });

  test('comes to whoever reads slowly, and to others meanwhile', needed, async () => {
    await using node = await open({ sendBufferBytes: 64 * 1024 });
    await using relay = await openTestRelay(node.port);
    const slow = await subscribe({ transport, port: relay.port });
    const quick = await subscribe({ transport, port: node.port });
    relay.stall();
    for (const last of [70, 140, 210, 280]) {
      await appendAll(node, numbers(last - 69, last), kilobytes64.slice(0, 32 * 1024));
      await quick.untilSeq(last);
    }
    relay.resume();
    await slow.untilSeq(280);
    expectNewest(slow, 280);
    expectNewest(quick, 280);
    expect(node.slowConsumers).toBe(0);
    slow.close();
    quick.close();
  });
});
