import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { SessionEnd } from '../scenarios/session-end.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor } from './backplanes.ts';
import { TRANSPORT_IDS, transportRow } from './registry.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, redisOfFile } from './testing/test-redis.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { numbers, subscribe } from './testing/test-subscriber.ts';

/** What every transport does about clients that do not read, over every backplane. */

const rows = TRANSPORT_IDS.flatMap((transport) =>
  BACKPLANE_IDS.filter((backplane) => BACKPLANES[backplane].sharesLog && isGoodFor(backplane, transport)).map(
    (backplane) => ({ transport, backplane }),
  ),
);
const kilobytes64 = 'x'.repeat(64 * 1024);

const ONE_ANSWER_WAITS =
  'a client that does not read its answer asks for no other, so one answer is all that waits for it';

/** One of those ways, whatever was said besides. */
function expectOneOf(ways: readonly object[], end: SessionEnd | undefined): void {
  expect(ways.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(end);
}

const redisOption = redisOfFile();

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

describe.each(rows)('$transport over $backplane', ({ transport, backplane }) => {
  const row = transportRow(transport);
  const needed = needs(hasRedis || !BACKPLANES[backplane].needsRedis, 'redis-server is not installed');

  async function open(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
    return openTestNode({ transport, backplane, ...redisOption(), ...options });
  }

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
});
