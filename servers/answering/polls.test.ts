import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { Log } from '../feed/log.ts';
import { Hub } from '../hub/hub.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { type Polls, routeMessages } from './polls.ts';

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

  test('a large one comes in pieces, the same in either way, with its length where that is known', async () => {
    await using node = await filledNode('gzip', 3000);
    const small = await askedFor(node.port, { 'Accept-Encoding': 'gzip' });
    const plain = await askedFor(node.port, {});
    expect(plain.body.length).toBeGreaterThan(256 * 1024);
    expect(JSON.parse(plain.body.toString())).toHaveLength(3000);
    expect(plain.head.headers['content-length']).toBe(String(plain.body.length));
    expect(small.head.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(small.body)).toEqual(plain.body);
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
  sharedForMs: 1000,
};

function routed(anybody: Polls['anybody']): FastifyInstance {
  const app = Fastify();
  const log = new Log({ messages: 100, bytes: 1e6 });
  const hub = new Hub({ log, conversation: undefined, newest: undefined, verifier: undefined, awayMs: 60_000 });
  const caller = async (): Promise<never> => {
    throw new Error('nobody has a name here');
  };
  routeMessages({ app, hub, options: DOOR_OPTIONS }, '/messages', { anybody, caller });
  return app;
}

test('a large answer ends its connection when the client takes nothing of it for a time, not before', async () => {
  // More than the systems between take.
  const body = Buffer.alloc(32 * 1024 * 1024);
  const app = routed(async () => body);
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
  const asked: unknown[] = [];
  const app = routed(async (from) => {
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
  const app = routed(async () => Buffer.from('[]'));
  const answer = await app.inject({ url: '/messages?since=soon' });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ error: expect.stringContaining('since=17') as unknown });
  await app.close();
});
