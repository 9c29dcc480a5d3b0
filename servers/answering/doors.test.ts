import { describe, expect, test } from 'vitest';
import { type TransportId, transportRow } from '../registry.ts';
import { HTTP_DOORS, online, say, TestFollower, untilOnline } from './testing/test-follower.ts';
import { openTestNode } from '../testing/test-node.ts';

/** What doors over HTTP are to clients that have a name, as a program of anybody sees it. */

function rows(transports: readonly TransportId[]): { readonly transport: TransportId }[] {
  return transports.map((transport) => ({ transport }));
}

describe.each(rows(HTTP_DOORS))('at the door of $transport', ({ transport }) => {
  const { path, cadence } = transportRow(transport);

  test('a message comes to those who follow its channel, and one to a user to that user', async () => {
    await using node = await openTestNode({ transport });
    const ann = new TestFollower({ port: node.port, transport, query: 'channels=room:1&user=ann' });
    const ben = new TestFollower({ port: node.port, transport, query: 'channels=room:2,room:3&user=ben' });
    const everybody = new TestFollower({ port: node.port, transport, query: '' });
    const by = (user: string) => ({ port: node.port, transport, query: `user=${user}` });
    await say(by('ann'), { type: 'send', channel: 'room:2', data: 'to ben' });
    await say(by('ben'), { type: 'send', channel: 'room:1', data: 'to ann' });
    await say(by('cid'), { type: 'send', channel: 'user:ben', data: 'psst' });
    await node.append('to all who follow the feed');
    await say(by('cid'), { type: 'send', channel: 'room:3', data: 'bye ben' });
    await say(by('cid'), { type: 'send', channel: 'user:ann', data: 'bye ann' });
    await ann.until(({ data }) => data.includes('bye ann'));
    await ben.until(({ data }) => data.includes('bye ben'));
    await everybody.until(({ data }) => data.length > 0);
    expect(ann.data).toEqual(['to ann', 'bye ann']);
    expect(ben.data).toEqual(['to ben', 'psst', 'bye ben']);
    // Who is nobody is told what there was to be told before there were names.
    expect(everybody.told.map(({ signal, data }) => signal ?? data)).toEqual(['to all who follow the feed']);
    for (const one of [ann, ben, everybody]) one.close();
  });

  test('whoever has a name is told so first, and hears the feed unless it is for something else', async () => {
    await using node = await openTestNode({ transport });
    await node.append('first');
    const ann = new TestFollower({ port: node.port, transport, query: 'user=ann' });
    await ann.until(({ data }) => data.length > 0);
    expect(ann.told[0]).toEqual({ signal: 'welcome', user: 'ann', online: 1, latest: 2 });
    expect(ann.data).toEqual(['first']);
    ann.close();
  });

  test('who writes is told once to those who follow the channel and are there', async () => {
    await using node = await openTestNode({ transport });
    const ann = new TestFollower({ port: node.port, transport, query: 'channels=room:1&user=ann' });
    const ben = { port: node.port, transport, query: 'user=ben' };
    await ann.until(({ told }) => told.length > 0);
    for (const channel of ['room:2', 'room:1'])
      expect(await say(ben, { type: 'typing', channel })).toEqual({ status: 200, answer: { seq: null } });
    await ann.until(({ told }) => told.length > 1);
    await say(ben, { type: 'send', channel: 'room:1', data: 'written' });
    await ann.until(({ data }) => data.includes('written'));
    expect(ann.told.slice(1, -1)).toEqual([{ signal: 'typing', channel: 'room:1', from: 'ben' }]);
    ann.close();
  });

  test.each([
    ['user=', 400, 'user is a name'],
    ['user=a%20b', 400, 'user is a name'],
    [`user=${'x'.repeat(64)}`, 400, 'user is a name'],
    ['channels=a%20b&user=ann', 400, 'channels are up to 64 names'],
    [`channels=${'a,'.repeat(65)}`, 400, 'channels are up to 64 names'],
    ['channels=a&channels=b', 400, 'channels are up to 64 names'],
    ['channels=user:ben&user=ann', 403, 'for that user alone'],
    ['channels=user:ben', 403, 'for that user alone'],
  ])('%s is %i', async (query, status, words) => {
    await using node = await openTestNode({ transport });
    const one = new TestFollower({ port: node.port, transport, query });
    await one.until(({ isOver }) => isOver);
    expect(one.refusal).toEqual({ status, error: expect.stringContaining(words) as unknown });
    expect(await online(node.port)).toEqual([]);
  });

  test('a user is online, on however many pages, until the last of them is gone', async () => {
    await using node = await openTestNode({ transport });
    const pages = ['one', 'two'].map((tab) => {
      const query = `channels=room:1&user=ann&tab=${tab}`;
      return { query, follower: new TestFollower({ port: node.port, transport, query }) };
    });
    for (const { follower } of pages) await follower.until(({ told }) => told.length > 0);
    const watcher = new TestFollower({ port: node.port, transport, query: 'channels=presence' });
    for (const { query, follower } of pages) {
      expect(await online(node.port)).toEqual(['ann']);
      follower.close();
      await follower.until(({ isOver }) => isOver);
      if (cadence !== 'push') await say({ port: node.port, transport, query }, { type: 'leave', channel: 'user:ann' });
    }
    await untilOnline(node.port, []);
    await watcher.until(({ data }) => data.length === 2);
    expect(watcher.data).toEqual(['user_joined', 'user_left'].map((type) => ({ type, user: 'ann' })));
    watcher.close();
  });

  test('whoever listens as nobody has the bytes that it had', async () => {
    await using node = await openTestNode({ transport });
    await say({ port: node.port, transport, query: 'user=ann' }, { type: 'send', channel: 'room:1', data: 'x' });
    const seq = await node.append('first');
    const answer = await fetch(`http://127.0.0.1:${node.port}${path}`);
    const beginning = await firstPart(answer);
    const { told } = await heard(node.port, transport);
    expect(seq).toBe(2);
    expect(told).toHaveLength(1);
    const entry = JSON.stringify(told[0]);
    expect(beginning).toBe(cadence === 'push' ? `id: 2\ndata: ${entry}\n\n` : `[${entry}]`);
    expect([...answer.headers.keys()].filter((name) => /cookie|authenticate|allow/.test(name))).toEqual([]);
  });
});

async function firstPart({ body }: Response): Promise<string> {
  for await (const part of body ?? []) return Buffer.from(part).toString();
  return '';
}

/** The first that there is. */
async function heard(port: number, transport: TransportId): Promise<TestFollower> {
  const follower = new TestFollower({ port, transport, query: '' });
  await follower.until(({ told }) => told.length > 0);
  follower.close();
  return follower;
}

test('a held poll waits for what it follows, whatever else comes', async () => {
  await using node = await openTestNode({ transport: 'long-polling', holdMs: 600_000, heartbeatMs: 600_000 });
  const url = `http://127.0.0.1:${node.port}/next?since=0&channels=room:1&user=ann`;
  // The first one is answered with a welcome.
  expect(await (await fetch(url)).json()).toHaveLength(1);
  const answer = fetch(url);
  const ben = { port: node.port, transport: 'long-polling', query: 'user=ben' } as const;
  for (const channel of ['room:2', 'user:ben', 'room:3']) await say(ben, { type: 'send', channel, data: 'other' });
  await node.append('the feed');
  await say(ben, { type: 'send', channel: 'room:1', data: 'hello' });
  expect(await (await answer).json()).toMatchObject([{ channel: 'room:1', from: 'ben', data: 'hello' }]);
});

test('a held poll of whoever is nobody waits for the feed, whatever else has numbers', async () => {
  await using node = await openTestNode({ transport: 'long-polling', holdMs: 600_000 });
  const ben = { port: node.port, transport: 'long-polling', query: 'user=ben' } as const;
  await node.append('first');
  await say(ben, { type: 'send', channel: 'room:1', data: 'other' });
  const answer = fetch(`http://127.0.0.1:${node.port}/next?since=1`);
  for (let n = 0; n < 20; n++) await say(ben, { type: 'send', channel: 'room:1', data: 'other' });
  await node.append('second');
  expect(await (await answer).json()).toMatchObject([{ data: 'second' }]);
});

test('a user whose held poll breaks is gone in a moment, and one that asks anew was never gone', async () => {
  await using node = await openTestNode({ transport: 'long-polling', holdMs: 600_000, heartbeatMs: 600_000 });
  const watcher = new TestFollower({ port: node.port, transport: 'long-polling', query: 'channels=presence' });
  const ask = (channel: string): TestFollower =>
    new TestFollower({ port: node.port, transport: 'long-polling', query: `channels=${channel}&user=ann` });
  for (const channel of ['room:1', 'room:2']) {
    const ann = ask(channel);
    await ann.until(({ told }) => told.length > 0);
    // Its next poll is held by then.
    for (let count = 0; count < 5; count++) expect(await online(node.port)).toEqual(['ann']);
    ann.close();
    await ann.until(({ isOver }) => isOver);
  }
  await watcher.until(({ data }) => data.length === 2);
  expect(watcher.data).toMatchObject([{ type: 'user_joined' }, { type: 'user_left' }]);
  watcher.close();
});

test('who polls is online for as long as the node waits for the next poll', async () => {
  await using node = await openTestNode({ transport: 'polling', awayMs: 50 });
  const answer = await fetch(`http://127.0.0.1:${node.port}/messages?since=0&channels=room:1&user=ann`);
  expect(await answer.json()).toMatchObject([{ signal: 'welcome', online: 1 }]);
  await untilOnline(node.port, []);
});

test('who is online is told with the number of the log up to which that is so', async () => {
  await using node = await openTestNode({ transports: [...HTTP_DOORS] });
  const url = `http://127.0.0.1:${node.port}/presence`;
  expect(await (await fetch(url)).json()).toEqual({ seq: 0, users: [] });
  const followers = HTTP_DOORS.map(
    (transport) => new TestFollower({ port: node.port, transport, query: `user=${transport}` }),
  );
  for (const follower of followers) await follower.until(({ told }) => told.length > 0);
  const answer = await fetch(url);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({
    seq: HTTP_DOORS.length,
    users: expect.arrayContaining([...HTTP_DOORS]) as unknown,
  });
  for (const follower of followers) follower.close();
});

test('who is online is not told to whoever is not let in', async () => {
  await using node = await openTestNode({ transport: 'polling' });
  const answer = await fetch(`http://127.0.0.1:${node.port}/presence?user=an%20n`);
  expect(answer.status).toBe(400);
});
