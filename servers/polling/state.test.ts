import { describe, expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import { BETWEEN_BYTES, STATE_HEAD_BYTES } from '../../scenarios/asking/state-answers.ts';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { hasRedis, startTestRedis } from '../testing/test-redis.ts';
import { subscribe } from '../testing/test-subscriber.ts';

/** The newest of each key as a whole, asked for by a client that shares no code with ours. */

const LATEST = { deliver: 'latest' } as const;
const needsRedis = needs(hasRedis, 'redis-server is not installed');

async function openStateNode(values: DimensionValues = {}, more: object = {}): Promise<TestNode> {
  return openTestNode({ transport: 'polling', values: { ...LATEST, ...values }, latestWindowMs: 20, ...more });
}

interface Entry {
  readonly seq?: number;
  readonly notice?: string;
  readonly signal?: string;
  readonly latest?: number;
}

interface Answer {
  readonly status: number;
  readonly tag: string;
  readonly cacheControl: string | null;
  readonly entries: readonly (number | string)[];
  readonly body: string;
}

async function ask({ port }: TestNode, tag?: string, more: { query?: string; headers?: object } = {}): Promise<Answer> {
  const headers = { ...(tag !== undefined && { 'If-None-Match': tag }), ...more.headers };
  const answer = await fetch(`http://127.0.0.1:${port}/messages${more.query ?? ''}`, { headers });
  const body = await answer.text();
  const told = body === '' ? [] : (JSON.parse(body) as readonly Entry[]);
  return {
    status: answer.status,
    tag: answer.headers.get('etag') ?? '',
    cacheControl: answer.headers.get('cache-control'),
    entries: told.map(({ seq, notice, signal }) => seq ?? notice ?? signal ?? ''),
    body,
  };
}

function tagOf(tag: string, seq: number): string {
  return tag.replace(/-\d+"$/, `-${seq}"`);
}

describe('a state', () => {
  test('is the newest of each key, under a tag that is good until the next message', async () => {
    await using node = await openStateNode();
    const empty = await ask(node);
    expect(empty).toMatchObject({ status: 200, entries: [], cacheControl: 'no-cache' });
    expect(empty.tag).toMatch(/^"[\w-]{12}-0"$/);
    for (const symbol of ['ACME', 'GLOBX', 'ACME']) await node.append({ symbol });
    const state = await ask(node, empty.tag);
    expect(state).toMatchObject({ status: 200, entries: [2, 3], tag: tagOf(empty.tag, 3) });
    const same = await ask(node, state.tag);
    expect(same).toEqual({ ...state, status: 304, entries: [], body: '' });
    await node.append({ symbol: 'GLOBX' });
    expect(await ask(node, state.tag)).toMatchObject({ status: 200, entries: [3, 4] });
  });

  test('a client that says since is answered as ever, and where every message comes there are none', async () => {
    await using node = await openStateNode();
    await node.append({ symbol: 'ACME' });
    expect(await ask(node, '*', { query: '?since=0' })).toMatchObject({
      status: 200,
      tag: '',
      cacheControl: 'no-store',
      entries: [1],
    });
    await using whole = await openTestNode({ transport: 'polling' });
    expect(await ask(whole, '*')).toMatchObject({ status: 200, tag: '', cacheControl: 'no-store' });
  });

  test('who shows a later state, or that of another feed, is told before all else that it goes back', async () => {
    await using node = await openStateNode();
    await using other = await openStateNode();
    for (const one of [node, other]) await one.append({ symbol: 'ACME' });
    const { tag } = await ask(node);
    const strange = await ask(other);
    for (const shown of [tagOf(tag, 2), strange.tag]) {
      const { body, ...back } = await ask(node, shown);
      expect(back).toMatchObject({ status: 200, entries: ['reset', 1], cacheControl: 'no-store', tag: `W/${tag}` });
      expect(JSON.parse(body)).toMatchObject([{ notice: 'reset', latest: 1 }, {}]);
    }
    expect(await ask(node, `W/${tag}`)).toMatchObject({ status: 304, cacheControl: 'no-cache' });
  });

  test('whoever has a name is welcomed once, in an answer that is not for others', async () => {
    await using node = await openStateNode();
    await node.append({ symbol: 'ACME' });
    const query = '?user=ann&channels=feed';
    const first = await ask(node, undefined, { query });
    expect(first).toMatchObject({ entries: ['welcome', 1], cacheControl: 'no-store' });
    expect(await ask(node, first.tag, { query })).toMatchObject({ status: 304, body: '' });
    await node.append({ symbol: 'ACME' });
    expect(await ask(node, first.tag, { query })).toMatchObject({ entries: [2], cacheControl: 'no-cache' });
    // Who follows something else has no part in the feed.
    expect(await ask(node, undefined, { query: '?user=ann&channels=room:1' })).toMatchObject({ tag: '' });
  });

  test('compressed it has a weak tag, and is the same', async () => {
    await using node = await openStateNode({ compression: 'gzip' });
    for (const symbol of ['ACME', 'GLOBX']) await node.append({ symbol, text: 'much the same in each '.repeat(9) });
    const zipped = await ask(node, undefined, { headers: { 'Accept-Encoding': 'gzip' } });
    const plain = await ask(node, undefined, { headers: { 'Accept-Encoding': 'identity' } });
    expect([zipped.tag, zipped.body]).toEqual([`W/${plain.tag}`, plain.body]);
    for (const tag of [zipped.tag, plain.tag]) expect((await ask(node, tag)).status).toBe(304);
  });

  test('in a cache that polls share it stays as it was read', async () => {
    await using node = await openStateNode({ cache: 'shared' }, { sharedForMs: 100 });
    await node.append({ symbol: 'ACME' });
    const { tag, entries } = await ask(node);
    expect(entries).toEqual([1]);
    await node.append({ symbol: 'GLOBX' });
    expect(await ask(node, tag)).toMatchObject({ status: 304 });
    await expect.poll(async () => (await ask(node, tag)).entries).toEqual([1, 2]);
  });

  test('where nodes read it at different times nobody goes back, and nobody is told to', needsRedis, async () => {
    await using redis = await startTestRedis();
    const over = { backplane: 'redis', redisUrl: redis.url, feed: 'apart', sharedForMs: 60_000 } as const;
    await using early = await openStateNode({ origin: 'redis', cache: 'shared' }, over);
    await using late = await openStateNode({ origin: 'redis', cache: 'shared' }, over);
    await early.append({ symbol: 'ACME' });
    expect((await ask(early)).entries).toEqual([1]);
    await early.append({ symbol: 'ACME' });
    for (const node of [early, late]) await node.until(({ appended }) => appended === 2);
    const newer = await ask(late);
    expect(newer.entries).toEqual([2]);
    expect(await ask(early, newer.tag)).toMatchObject({ status: 304, tag: newer.tag });
  });

  test(
    'over Redis it has one tag at all nodes, and another where a node was not there from the beginning',
    needsRedis,
    async () => {
      await using redis = await startTestRedis();
      const over = { backplane: 'redis', redisUrl: redis.url, feed: 'state', historyMessages: 2 } as const;
      await using one = await openStateNode({}, over);
      await using two = await openStateNode({}, over);
      for (const symbol of ['ACME', 'GLOBX', 'HOOLI', 'STARK']) await one.append({ symbol });
      await two.until(({ appended }) => appended === 4);
      const state = await ask(one);
      expect(await ask(two, state.tag)).toMatchObject({ status: 304, tag: state.tag });
      await using late = await openStateNode({}, over);
      const part = await ask(late, state.tag);
      expect(part).toMatchObject({ status: 200, entries: ['gap', 3, 4] });
      expect(part.tag).toBe(state.tag.replace('-4"', '-4.3"'));
    },
  );
});

test('a client of ours hears of every message once, and an unchanged state is an empty answer', async () => {
  await using node = await openStateNode();
  const values = { ...LATEST, ask: 'etag' } as const;
  for (const symbol of ['ACME', 'GLOBX']) await node.append({ symbol });
  const client = await subscribe({ transport: 'polling', port: node.port, pollIntervalMs: 5, values });
  await client.until(({ answers }) => answers.length > 4);
  expect(client.answers.slice(0, 4)).toEqual([2, 0, 0, 0]);
  await node.append({ symbol: 'ACME' });
  await client.untilSeq(3);
  expect(client.sequence).toEqual([1, 2, 3]);
  expect(client.notices).toEqual([]);
  // The next session of this client shows what this one was given.
  expect(client.session?.remembered).toBe((await ask(node)).tag);
  client.close();
});

test('the heads of answers have as many bytes as predictions take them to have', async () => {
  await using node = await openStateNode();
  for (const symbol of ['ACME', 'GLOBX']) await node.append({ symbol });
  const client = await subscribe({
    transport: 'polling',
    port: node.port,
    pollIntervalMs: 5,
    values: { ...LATEST, ask: 'etag' },
  });
  const bytesAt = async (count: number): Promise<number> => {
    await client.until(({ answers }) => answers.length >= count);
    return client.session?.bytesRead ?? 0;
  };
  const payload = client.told.reduce((sum, one) => sum + (one.kind === 'message' ? one.bytes : 0), 0);
  const first = await bytesAt(1);
  const second = await bytesAt(2);
  // Numbers are of more digits in a trial.
  expect(Math.abs(first - payload - 2 * BETWEEN_BYTES - STATE_HEAD_BYTES.whole)).toBeLessThanOrEqual(4);
  expect(Math.abs(second - first - STATE_HEAD_BYTES.unchanged)).toBeLessThanOrEqual(4);
  client.close();
});
