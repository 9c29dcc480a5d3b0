import { expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import { openTestNode } from '../testing/test-node.ts';
import { hasRedis, startTestRedis } from '../testing/test-redis.ts';

const needsRedis = needs(hasRedis, 'redis-server is not installed');

test('each poll asks Redis, or one a second does for all', needsRedis, async () => {
  await using redis = await startTestRedis();
  for (const [cache, most] of [
    ['none', 20],
    ['shared', 2],
  ] as const) {
    await using node = await openTestNode({
      transport: 'polling',
      backplane: 'redis',
      redisUrl: redis.url,
      values: { origin: 'redis', cache },
    });
    await node.append('first');
    const polls = Array.from({ length: 20 }, async () => fetch(`http://127.0.0.1:${node.port}/messages?since=0`));
    const bodies = await Promise.all((await Promise.all(polls)).map(async (answer) => answer.json()));
    expect(bodies.every((body) => Array.isArray(body) && body.length === 1)).toBe(true);
    expect(node.originReads).toBeLessThanOrEqual(most);
    expect(node.originReads).toBeGreaterThanOrEqual(cache === 'none' ? most : 1);
  }
});

test('where Redis does not answer polls are answered 503, with no word of where it is', needsRedis, async () => {
  const redis = await startTestRedis();
  await using node = await openTestNode({
    transport: 'polling',
    backplane: 'redis',
    redisUrl: redis.url,
    values: { origin: 'redis' },
  });
  await redis[Symbol.asyncDispose]();
  const answer = await fetch(`http://127.0.0.1:${node.port}/messages?since=0`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain('127.0.0.1');
});

test('a connection that is cold carries one answer', async () => {
  await using node = await openTestNode({ transport: 'polling', values: { keepalive: 'cold' } });
  const answer = await fetch(`http://127.0.0.1:${node.port}/messages?since=0`);
  expect(answer.headers.get('connection')).toBe('close');
  expect(node.originReads).toBe(1);
});

test('who follows channels of their own share what is read too, and get what is theirs of it', async () => {
  await using node = await openTestNode({ transport: 'polling', values: { cache: 'shared' }, sharedForMs: 60_000 });
  const ask = async (user: string, since: number): Promise<readonly { data?: unknown }[]> => {
    const query = `since=${since}&user=${user}&channels=room:1`;
    return (await fetch(`http://127.0.0.1:${node.port}/messages?${query}`)).json() as Promise<{ data?: unknown }[]>;
  };
  const say = async (channel: string, data: string): Promise<void> => {
    const body = JSON.stringify({ type: 'send', channel, data });
    expect((await fetch(`http://127.0.0.1:${node.port}/messages?user=ben`, { method: 'POST', body })).status).toBe(200);
  };
  const heard = async (user: string): Promise<unknown[]> =>
    (await ask(user, 0)).flatMap(({ data }) => (data === undefined ? [] : [data]));
  await say('room:1', 'to all');
  await say('user:ann', 'to ann');
  expect(await heard('ann')).toEqual(['to all', 'to ann']);
  await say('room:1', 'later');
  expect(await heard('ann')).toEqual(['to all', 'to ann']);
  expect(await heard('cat')).toEqual(['to all']);
  expect(node.originReads).toBe(1);
});
