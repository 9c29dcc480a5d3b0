import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { derivedRandom } from '../scenarios/feed/random.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor } from './backplanes.ts';
import { cadenceOf, TRANSPORT_IDS, transportRow } from './registry.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from './testing/test-redis.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { numbers, subscribe, type TestSubscriber } from './testing/test-subscriber.ts';
import { valueSets, valuesText } from './testing/value-sets.ts';

/**
 * What every transport owes its clients, with the values of its dimensions: every two values that can stand together are, in one
 * of the sets (contract.test.ts has all as usual, and what no value changes). Data is text, which has no key, so nothing is left out
 * where the newest of each key is given.
 */

const rows = TRANSPORT_IDS.flatMap((transport) =>
  valueSets(transport)
    .slice(1)
    .map((values) => ({ transport, values, said: valuesText(values) })),
);
const backplanes = BACKPLANE_IDS.filter((id) => BACKPLANES[id].sharesLog);

let redis: TestRedis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

const random = derivedRandom(1, 1);
/** Text that no compression makes much shorter. */
function noise(bytes: number): string {
  return Buffer.from(Array.from({ length: (bytes * 3) / 4 }, () => random() * 256)).toString('base64');
}

const kilobytes64 = noise(64 * 1024);
const PAYLOADS = ['', 'a\nb\r\nc', '"quoted", \\back\\slashed', '🛰️ größer 数', '\u2028\u0000],\n[', 'x'.repeat(70_000)];

/** So many messages fill what the system holds for who does not read in a quarter of the time, where each is compressed or waited for. */
const AT_ONCE = 4;

/** For what is held back or shared: a good deal shorter than what a client that reads needs for what a test sends. */
const WINDOW_MS = 20;

describe.each(rows)('$transport with $said', ({ transport, values }) => {
  const row = transportRow(transport);
  const cadence = cadenceOf({ transport, values });

  async function open(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
    return openTestNode({ transport, values, latestWindowMs: WINDOW_MS, sharedForMs: WINDOW_MS, ...options });
  }

  async function join(port: number, after?: number): Promise<TestSubscriber> {
    const position = after === undefined ? undefined : ({ kind: 'after', seq: after } as const);
    return subscribe({ transport, values, port, ...(position !== undefined && { position }) });
  }

  function expectAll(subscriber: TestSubscriber, first: number, last: number): void {
    expect(subscriber.sequence).toEqual(numbers(first, last));
    expect(subscriber.notices).toEqual([]);
    expect(subscriber.intact).toBe(true);
    subscriber.close();
  }

  describe.each(backplanes.filter((id) => isGoodFor(id, transport)))('over %s', (backplane) => {
    const needed = needs(hasRedis || !BACKPLANES[backplane].needsRedis, 'redis-server is not installed');

    test('delivers every byte of everything, to whoever is there, comes later or comes back', needed, async () => {
      await using node = await open({ backplane, ...(redis !== undefined && { redisUrl: redis.url }) });
      const early = await join(node.port);
      for (const payload of PAYLOADS) await node.append(payload);
      await early.untilSeq(PAYLOADS.length);
      const last = PAYLOADS.length + 300;
      const [late, back] = [await join(node.port), await join(node.port, 3)];
      await Promise.all(numbers(PAYLOADS.length + 1, last).map(async (seq) => node.append(`message ${seq}`)));
      await Promise.all([early, late, back].map(async (one) => one.untilSeq(last)));
      expectAll(early, 1, last);
      expectAll(late, 1, last);
      expectAll(back, 4, last);
    });
  });

  test('tells what is no longer held and who is ahead, and refuses what is no number', async () => {
    await using node = await open({ logMessages: 5 });
    for (let index = 0; index < 12; index++) await node.append(`message ${index}`);
    // What is held back goes out to whoever is ahead.
    const ahead = await join(node.port, 1000);
    await ahead.until(({ notices }) => notices.length > 0);
    const [fresh, back] = [await join(node.port), await join(node.port, 3)];
    await node.append('live');
    await Promise.all([fresh, back, ahead].map(async (one) => one.untilSeq(13)));
    expect(fresh.notices).toEqual([{ notice: 'gap', from: 1, to: 7 }]);
    expect(back.notices).toEqual([{ notice: 'gap', from: 4, to: 7 }]);
    expect(ahead.notices).toEqual([{ notice: 'reset', latest: 12 }]);
    expect([fresh, back, ahead].map(({ sequence }) => sequence)).toEqual([numbers(8, 13), numbers(8, 13), [13]]);
    const wrong = await join(node.port, Number.NaN);
    expect(wrong.end).toMatchObject({ code: 'http-status', status: 400 });
    for (const one of [fresh, back, ahead]) one.close();
  });

  test('says goodbye when its node is closed', async () => {
    await using node = await open({ holdMs: 600_000 });
    const subscriber = await join(node.port);
    await node.append('first');
    await subscriber.untilSeq(1);
    await node.close();
    await subscriber.until(({ end }) => end !== undefined);
    expect(row.goodbye.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(subscriber.end);
  });

  test('closes and counts a client that takes nothing for a time', REAL_TIME, async ({ skip }) => {
    if (cadence !== 'push') skip('what waits for a client that asks is one answer');
    await using node = await open({ slowMs: 300 });
    await using relay = await openTestRelay(node.port);
    const slow = await join(relay.port);
    const quick = await join(node.port);
    relay.stall();
    let latest = 0;
    while (node.slowConsumers === 0) {
      latest = Math.max(...(await Promise.all(numbers(1, AT_ONCE).map(async () => node.append(kilobytes64)))));
      await quick.untilSeq(latest);
    }
    relay.resume();
    await slow.until(({ end }) => end !== undefined);
    expect(node.slowConsumers).toBe(1);
    expect(slow.sequence).toEqual(numbers(1, slow.sequence.length));
    // Where the library delivers, it keeps all that waits for a client.
    const most = values.recovery === 'library' ? latest : latest - 1;
    expect(slow.sequence.length).toBeLessThanOrEqual(most);
    expectAll(quick, 1, latest);
  });
});
