import { describe, expect, test } from 'vitest';
import type { SessionEnd } from '../scenarios/session-end.ts';
import type { Cadence } from '../scenarios/transport-traits.ts';
import { askByHand } from './testing/ask-by-hand.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, redisOfFile } from './testing/test-redis.ts';
import { numbers, subscribe } from './testing/test-subscriber.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor } from './backplanes.ts';
import { TRANSPORT_IDS, transportRow } from './registry.ts';
import { needs } from '../scenarios/testing/conditions.ts';

/** What every transport owes its clients, over every backplane, through both of its halves and real TCP. */

const rows = TRANSPORT_IDS.flatMap((transport) =>
  BACKPLANE_IDS.filter((backplane) => BACKPLANES[backplane].sharesLog && isGoodFor(backplane, transport)).map(
    (backplane) => ({ transport, backplane }),
  ),
);
const kilobytes64 = 'x'.repeat(64 * 1024);

/** How many messages are in the answers that a client has when its node closes, where it waited for one. */
const LAST_ANSWERS: Readonly<Record<Cadence, number[]>> = { interval: [], held: [0], push: [] };

/** One of those ways, whatever was said besides. */
function expectOneOf(ways: readonly object[], end: SessionEnd | undefined): void {
  expect(ways.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(end);
}

const redisOption = redisOfFile();

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
    // Whoever is there is told so before it hears anything.
    expect(late.early).toBe(0);
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
