import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import type { PresenceChange, PresenceSnapshot } from '../hub/conversation.ts';
import { TRANSPORT_IDS, type TransportId } from '../registry.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { numbers, subscribe, type TestSubscriber } from '../testing/test-subscriber.ts';

/** Who missed news of who came and went, because too much else was said meanwhile, learns the truth again. */

let redis: TestRedis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

const HISTORY = 5;

async function askPresence({ port }: TestNode): Promise<PresenceSnapshot> {
  const answer = await fetch(`http://127.0.0.1:${port}/presence`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as PresenceSnapshot;
}

/** As the protocol has it: counted at a node once the notice was there, and changed by what has a greater number. */
function onlineBy(counted: PresenceSnapshot, { heard }: TestSubscriber): string[] {
  const online = new Set(counted.users);
  for (const { seq, data } of heard.filter(({ channel }) => channel === 'presence')) {
    if (seq <= counted.seq) continue;
    const { type, user } = data as PresenceChange;
    if (type === 'user_joined') online.add(user);
    else online.delete(user);
  }
  return [...online].toSorted();
}

async function follow({ port }: TestNode, transport: TransportId, after = 0): Promise<TestSubscriber> {
  const member = { user: 'watcher', channels: ['presence'] };
  return subscribe({ transport, port, member, position: { kind: 'after', seq: after } });
}

async function enter({ port }: TestNode, user: string): Promise<TestSubscriber> {
  return subscribe({ transport: 'websocket', port, member: { user, channels: [] } });
}

/** Ann goes, ben comes, and more is said than is kept. Returns ben. */
async function moveOn(node: TestNode, ann: TestSubscriber): Promise<TestSubscriber> {
  ann.close();
  const ben = await enter(node, 'ben');
  await expect.poll(async () => (await askPresence(node)).users.includes('ann'), { interval: 10 }).toBe(false);
  await expect.poll(async () => (await askPresence(node)).users.includes('ben'), { interval: 10 }).toBe(true);
  for (const index of numbers(1, 2 * HISTORY)) await node.append({ index });
  return ben;
}

async function untilGap(watcher: TestSubscriber): Promise<void> {
  await watcher.until(({ notices }) => notices.some(({ notice }) => notice === 'gap'));
}

async function untilOnline(
  watcher: TestSubscriber,
  counted: PresenceSnapshot,
  users: readonly string[],
): Promise<void> {
  await watcher.until((told) => onlineBy(counted, told).join() === users.join());
}

describe.each(TRANSPORT_IDS.map((transport) => ({ transport })))('by $transport', ({ transport }) => {
  test('who comes back late is told of a gap, and counts anew', async () => {
    const transports = [transport, 'websocket' as const].filter((id, index, all) => all.indexOf(id) === index);
    await using node = await openTestNode({ transports, backplane: 'memory', logMessages: HISTORY, talk: true });
    const ann = await enter(node, 'ann');
    const before = await follow(node, transport);
    await before.untilIn('presence', 2);
    const seq = before.heard.at(-1)?.seq ?? 0;
    before.close();
    const ben = await moveOn(node, ann);
    const watcher = await follow(node, transport, seq);
    await untilGap(watcher);
    const counted = await askPresence(node);
    expect(counted.users.toSorted()).toEqual(['ben', 'watcher']);
    const carl = await enter(node, 'carl');
    ben.close();
    await untilOnline(watcher, counted, ['carl', 'watcher']);
    for (const one of [watcher, carl]) one.close();
  });

  test(
    'who stays at a node that Redis is far from for a while is told so too',
    needs(hasRedis, 'redis-server is not installed'),
    async () => {
      const url = redis?.url ?? '';
      await using relay = await openTestRelay(Number(new URL(url).port));
      const options = { backplane: 'redis', feed: randomUUID(), historyMessages: HISTORY, talk: true } as const;
      await using near = await openTestNode({ ...options, transport: 'websocket', redisUrl: url });
      await using far = await openTestNode({ ...options, transport, redisUrl: `redis://127.0.0.1:${relay.port}` });
      const ann = await enter(near, 'ann');
      const watcher = await follow(far, transport);
      await watcher.untilIn('presence', 2);
      relay.down();
      await far.until(({ healthy }) => !healthy);
      const ben = await moveOn(near, ann);
      relay.up();
      await untilGap(watcher);
      await far.until(({ healthy }) => healthy);
      const counted = await askPresence(far);
      expect(counted.users.toSorted()).toEqual(['ben', 'watcher']);
      const carl = await enter(near, 'carl');
      ben.close();
      await untilOnline(watcher, counted, ['carl', 'watcher']);
      for (const one of [watcher, carl]) one.close();
    },
  );
});
