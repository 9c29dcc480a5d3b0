import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { Log, type Position } from '../feed/log.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { bodyOf } from '../testing/test-subscriber.ts';
import { Answers, encodeAnswer, routeMessages } from './http-answer.ts';

const after = (seq: number): Position => ({ kind: 'after', seq });

function filled(count: number): Log {
  const log = new Log({ messages: 100, bytes: 1e8 });
  for (let seq = 1; seq <= count; seq++) log.append(seq, bodyOf('x'));
  return log;
}

describe('answers', () => {
  test('are made once for a position, until the next append', () => {
    const log = filled(3);
    const answers = new Answers(log);
    const first = answers.since(after(1));
    expect(answers.since(after(1))).toBe(first);
    expect(answers.since(after(2))).not.toBe(first);
    log.append(4, bodyOf('x'));
    expect(answers.since(after(1)).length).toBeGreaterThan(first.length);
  });

  test('to whoever has nothing are those after nothing', () => {
    const answers = new Answers(filled(3));
    const all = answers.since({ kind: 'oldest' });
    expect((JSON.parse(all.toString()) as { seq: number }[]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(answers.since(after(0))).toBe(all);
  });

  test('are kept up to a bound of bytes, and the newest in any case', () => {
    const log = filled(3);
    const sizes = [0, 1, 2].map((seq) => new Answers(log).since(after(seq)).length);
    const [all = 0, two = 0, one = 0] = sizes;
    const both = new Answers(log, all + two);
    const kept = both.since(after(0));
    both.since(after(1));
    expect(both.since(after(0))).toBe(kept);
    both.since(after(2));
    expect(both.since(after(0))).not.toBe(kept);
    const oneTooFew = new Answers(log, all + two - 1);
    const first = oneTooFew.since(after(0));
    oneTooFew.since(after(1));
    expect(oneTooFew.since(after(0))).not.toBe(first);
    const none = new Answers(log, 0);
    expect(none.since(after(2))).toBe(none.since(after(2)));
    // What an append has made void no longer counts.
    const fresh = new Answers(log, all + two + one);
    for (const seq of [0, 1, 2]) fresh.since(after(seq));
    log.append(4, bodyOf('x'));
    const again = fresh.since(after(2));
    fresh.since(after(3));
    expect(fresh.since(after(2))).toBe(again);
  });
});

test('an answer says what it is and that nobody may keep it; a since that is no number is refused', async () => {
  await using node = await openTestNode({ transport: 'polling' });
  const answer = await fetch(`http://127.0.0.1:${node.port}/messages?since=0`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.text()).toBe('[]');
  const refused = await fetch(`http://127.0.0.1:${node.port}/messages?since=soon`);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({
    error: 'since must be the last sequence number you have, a whole number such as since=17',
  });
});

/** Asked by node:http, which neither asks for compression nor reads it by itself. */
async function askedFor(
  port: number,
  headers: Record<string, string>,
): Promise<{ head: IncomingMessage; body: Buffer }> {
  const sent = get({ host: '127.0.0.1', port, path: '/messages?since=0', headers });
  const [head] = (await once(sent, 'response')) as [IncomingMessage];
  return { head, body: await buffer(head) };
}

describe('where answers are compressed', () => {
  async function filledNode(compression: 'none' | 'gzip', count: number): Promise<TestNode> {
    const node = await openTestNode({ transport: 'polling', values: { compression }, origins: ['*'] });
    for (let index = 0; index < count; index++) await node.append({ text: 'much the same in each' });
    return node;
  }

  test('who reads gzip gets it, who does not gets the same plain', async () => {
    await using node = await filledNode('gzip', 20);
    const small = await askedFor(node.port, { 'Accept-Encoding': 'gzip' });
    const plain = await askedFor(node.port, {});
    expect(small.head.headers).toMatchObject({
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
      'content-length': String(small.body.length),
      'content-type': 'application/json; charset=utf-8',
    });
    expect(small.body.length).toBeLessThan(plain.body.length / 2);
    expect(gunzipSync(small.body)).toEqual(plain.body);
    expect(plain.head.headers['content-encoding']).toBeUndefined();
    expect(plain.head.headers.vary).toBe('Accept-Encoding');
  });

  test('what is smaller as it is goes as it is', async () => {
    await using node = await filledNode('gzip', 0);
    const { head, body } = await askedFor(node.port, { 'Accept-Encoding': 'gzip' });
    expect(body.toString()).toBe('[]');
    expect(head.headers['content-encoding']).toBeUndefined();
  });

  test('a page is told that the answer varies by its origin too', async () => {
    await using node = await filledNode('gzip', 20);
    const { head } = await askedFor(node.port, { 'Accept-Encoding': 'gzip', Origin: 'https://a.example' });
    expect(head.headers.vary).toBe('Origin, Accept-Encoding');
  });

  test('fetch reads it, which shares no code with our sessions', async () => {
    await using node = await filledNode('gzip', 20);
    const answer = await fetch(`http://127.0.0.1:${node.port}/messages?since=0`);
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.json()).toHaveLength(20);
  });

  test('nothing is where the node is not to, whatever is accepted', async () => {
    await using node = await filledNode('none', 20);
    const { head } = await askedFor(node.port, { 'Accept-Encoding': 'gzip' });
    expect(head.headers['content-encoding']).toBeUndefined();
    expect(head.headers.vary).toBeUndefined();
  });
});

const DOOR_OPTIONS = {
  values: {},
  holdMs: 1000,
  sendBufferBytes: 1000,
  slowMs: 200,
  closeMs: 1000,
  heartbeatMs: 30_000,
  authMs: 5000,
};

test('a large answer ends its connection when the client takes nothing of it for a time, not before', async () => {
  // More than the systems between take.
  const body = Buffer.alloc(32 * 1024 * 1024);
  const app = Fastify();
  routeMessages({ app, options: DOOR_OPTIONS }, '/messages', async () => body);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const connection = once(app.server, 'connection') as Promise<[Socket]>;
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const [serverSide] = await connection;
  const closed = once(serverSide, 'close');
  client.write('GET /messages HTTP/1.1\r\nHost: node\r\n\r\n');
  await once(client, 'data');
  client.pause();
  await closed;
  client.resume();
  client.on('error', () => undefined);
  await once(client, 'close');
  expect(client.bytesRead).toBeLessThan(body.length);
  await app.close();
});

test.each([
  ['/messages', { kind: 'oldest' }],
  ['/messages?since=17', { kind: 'after', seq: 17 }],
])('%s is answered from its position, as JSON that nobody keeps', async (url, position) => {
  const app = Fastify();
  const asked: unknown[] = [];
  routeMessages({ app, options: DOOR_OPTIONS }, '/messages', async (from) => {
    asked.push(from);
    return Buffer.from('[]');
  });
  const answer = await app.inject({ url });
  expect(asked).toEqual([position]);
  expect(answer).toMatchObject({ statusCode: 200, body: '[]' });
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  await app.close();
});

test('a position that is none is refused with what it should be', async () => {
  const app = Fastify();
  routeMessages({ app, options: DOOR_OPTIONS }, '/messages', async () => Buffer.from('[]'));
  const answer = await app.inject({ url: '/messages?since=soon' });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ error: expect.stringContaining('since=17') as unknown });
  await app.close();
});

test('an answer is a JSON array with one entry a line', () => {
  const entries = ['{"a":1}', '{"b":2}', '{"c":3}'].map((text) => Buffer.from(text));
  for (const some of [[], entries.slice(0, 1), entries]) {
    const text = encodeAnswer(some).toString();
    expect(JSON.parse(text)).toEqual(some.map((entry) => JSON.parse(entry.toString()) as unknown));
    expect(text.split('\n')).toHaveLength(Math.max(1, some.length));
  }
});
