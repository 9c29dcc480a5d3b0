import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { BinaryHeaderReader } from '../../scenarios/feed/binary-message.ts';
import { HeaderReader } from '../../scenarios/feed/message.ts';
import { deflated, encodedFrame } from '../testing/raw-websocket.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';

/** The door, asked by the client of the ws library: a peer that shares no code with our own client half. */

let node: TestNode;

beforeAll(async () => {
  node = await openTestNode({ transport: 'websocket', origins: ['https://allowed.example'] });
});

afterAll(async () => {
  await node.close();
});

interface Asked {
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

interface Answer {
  /** 101 where the upgrade was taken. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The answer to an upgrade request with just those headers. */
async function upgrade(port: number, { path = '/ws', headers = {} }: Asked): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const asked = request({ host: '127.0.0.1', port, path, headers: { ...UPGRADE, ...headers }, agent: false });
  asked.once('upgrade', (answer, socket) => {
    socket.destroy();
    resolve({ status: answer.statusCode, headers: answer.headers, body: '' });
  });
  asked.once('response', (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode, headers: answer.headers, body }), reject);
  });
  asked.once('error', reject);
  asked.end();
  return promise;
}

async function status(port: number, asked: Asked): Promise<number | undefined> {
  const answer = await upgrade(port, asked);
  return answer.status;
}

async function opened(url: string, protocols: string[] = ['json']): Promise<WebSocket> {
  const client = new WebSocket(url, protocols);
  await once(client, 'open');
  return client;
}

describe('who may connect', () => {
  const sameHost = (port: number): string => `http://127.0.0.1:${port}`;

  test.each<[string, (port: number) => Record<string, string>, number]>([
    ['a program, which sends no Origin', () => ({}), 101],
    ['a page of this host', (port) => ({ Origin: sameHost(port) }), 101],
    ['a page of this host on another port', () => ({ Origin: 'http://127.0.0.1:1' }), 403],
    ['a page of another host', () => ({ Origin: 'https://evil.example' }), 403],
    [
      'a page of a host that only begins like one allowed',
      () => ({ Origin: 'https://allowed.example.evil.example' }),
      403,
    ],
    ['an allowed page', () => ({ Origin: 'https://allowed.example' }), 101],
    ['a page without an origin of its own', () => ({ Origin: 'null' }), 403],
    ['what is no origin', () => ({ Origin: 'http://' }), 403],
    [
      'a page over TLS before us, Host with its port',
      () => ({ Origin: 'https://feed.example', Host: 'feed.example:443' }),
      101,
    ],
    ['a page whose Host is spelled in capitals', () => ({ Origin: 'http://feed.example', Host: 'FEED.example' }), 101],
    [
      'a page on the default port of another scheme',
      () => ({ Origin: 'http://feed.example', Host: 'feed.example:443' }),
      403,
    ],
  ])('%s', async (_name, headers, expected) => {
    expect(await status(node.port, { headers: headers(node.port) })).toBe(expected);
  });

  test('anyone where * is allowed', async () => {
    await using open = await openTestNode({ transport: 'websocket', origins: ['*'] });
    expect(await status(open.port, { headers: { Origin: 'https://evil.example' } })).toBe(101);
  });
});

describe('what is refused', () => {
  test.each([
    ['another path', '/', 404],
    ['a path below', '/ws/deeper', 404],
    ['a target that is no path', '//', 404],
    ['a since that is no number', '/ws?since=soon', 400],
    ['a since below zero', '/ws?since=-1', 400],
  ])('%s', async (_name, path, expected) => {
    expect(await status(node.port, { path })).toBe(expected);
  });

  test.each(['12', '8', '7', ''])('version %j of the protocol, which is not spoken', async (version) => {
    const headers = { 'Sec-WebSocket-Version': version };
    const answer = await upgrade(node.port, { headers });
    expect(answer).toMatchObject({ status: 426, headers: { 'sec-websocket-version': '13', upgrade: 'websocket' } });
    // Such clients would say who they are in a header that nobody looks at.
    const page = { ...headers, 'Sec-WebSocket-Origin': 'https://evil.example' };
    expect(await status(node.port, { headers: page })).toBe(426);
  });

  test('a stranger, with what was compared and what would let it in', async () => {
    const { body } = await upgrade(node.port, { headers: { Origin: 'https://evil.example' } });
    expect(JSON.parse(body)).toEqual({
      error: `a page of Origin https://evil.example may not ask here, which is Host 127.0.0.1:${node.port}; a node opens itself to it with --origin https://evil.example`,
    });
  });

  test('a handshake whose upgrade a proxy has dropped, with the header that is missing', async () => {
    const answer = await fetch(`http://127.0.0.1:${node.port}/ws?since=0`);
    expect(answer.status).toBe(426);
    expect(answer.headers.get('upgrade')).toBe('websocket');
    expect(await answer.json()).toEqual({ error: expect.stringContaining('"Upgrade: websocket"') as unknown });
  });

  test('an upgrade to something else, which is left out', async () => {
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' };
    expect(await status(node.port, { path: '/health', headers })).toBe(200);
    expect(await status(node.port, { headers })).toBe(426);
  });

  test('whoever was refused and breaks off, without harm to the others', async () => {
    const rude = connect(node.port, '127.0.0.1');
    rude.on('error', () => undefined);
    const head = Object.entries(UPGRADE).map(([name, value]) => `${name}: ${value}`);
    rude.write(['GET /nowhere HTTP/1.1', 'Host: node', ...head, '', ''].join('\r\n'));
    rude.resetAndDestroy();
    await once(rude, 'close');
    expect(await status(node.port, {})).toBe(101);
  });
});

describe('what is spoken', () => {
  test('the subprotocol json, among others that are offered', async () => {
    const client = await opened(`ws://127.0.0.1:${node.port}/ws`, ['xml', 'json']);
    expect(client.protocol).toBe('json');
    client.terminate();
  });

  test('no subprotocol where none is offered', async () => {
    const client = await opened(`ws://127.0.0.1:${node.port}/ws`, []);
    expect(client.protocol).toBe('');
    expect(client.extensions).toBe('');
    client.terminate();
  });

  test.each([
    [['binary'], 'binary'],
    [['xml', 'binary', 'json'], 'binary'],
    [['json', 'binary'], 'json'],
    [['xml'], ''],
  ])('of %j the first that there is', async (offered, chosen) => {
    const answer = await upgrade(node.port, { headers: { 'Sec-WebSocket-Protocol': offered.join(', ') } });
    expect(answer.status).toBe(101);
    expect(answer.headers['sec-websocket-protocol'] ?? '').toBe(chosen);
  });

  test.each([
    [[], 'text'],
    [['json'], 'text'],
    [['binary'], 'binary'],
    [[], 'binary'],
    [['json'], 'binary'],
    [['binary'], 'text'],
  ] as const)(
    'to who offers %j at a node of %s frames, what was offered, or what is usual there',
    async (offered, frames) => {
      await using own = await openTestNode({ transport: 'websocket', values: { frames } });
      await own.append('größer');
      const client = new WebSocket(`ws://127.0.0.1:${own.port}/ws`, [...offered]);
      const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
      const wanted = offered[0] === undefined ? frames : { json: 'text', binary: 'binary' }[offered[0]];
      expect(isBinary).toBe(wanted === 'binary');
      const reader = isBinary ? new BinaryHeaderReader() : new HeaderReader();
      expect(reader.read(data)).toBe(true);
      expect(reader).toMatchObject({ seq: 1, intact: true });
      expect(data.toString()).toContain('"größer"');
      client.terminate();
    },
  );

  test('a notice in a binary frame too', async () => {
    await using own = await openTestNode({ transport: 'websocket' });
    const client = new WebSocket(`ws://127.0.0.1:${own.port}/ws?since=7`, 'binary');
    const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
    expect([isBinary, data.toString()]).toEqual([true, 'N{"notice":"reset","latest":0}']);
    client.terminate();
  });

  test('one message a text frame', async () => {
    await using own = await openTestNode({ transport: 'websocket' });
    const client = await opened(`ws://127.0.0.1:${own.port}/ws`);
    const message = once(client, 'message') as Promise<[Buffer, boolean]>;
    await own.append('new');
    const [data, isBinary] = await message;
    expect(isBinary).toBe(false);
    expect(JSON.parse(data.toString())).toMatchObject({ seq: 1, data: 'new' });
    client.terminate();
  });

  test('1009 to a client that says too much', async () => {
    const client = await opened(`ws://127.0.0.1:${node.port}/ws`);
    client.on('error', () => undefined);
    client.send('x'.repeat(65 * 1024));
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1009);
  });

  test('pong to a ping, and the same code back to a close', async () => {
    const client = await opened(`ws://127.0.0.1:${node.port}/ws`);
    client.ping('are you there');
    const [answer] = (await once(client, 'pong')) as [Buffer];
    expect(answer.toString()).toBe('are you there');
    client.close(1000);
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1000);
  });

  test('1001 and nothing to newcomers when the node closes', async () => {
    const own = await openTestNode({ transport: 'websocket' });
    const client = await opened(`ws://127.0.0.1:${own.port}/ws`);
    const closed = once(client, 'close') as Promise<[number, Buffer]>;
    await own.close();
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([1001, 'server shutting down']);
    await expect(status(own.port, {})).rejects.toThrow('ECONNREFUSED');
  });
});

const COUNT = 50;

/** What a connection has read for so many small messages, its handshake among it, and what was agreed on. */
async function bytesFor(port: number, options: ClientOptions): Promise<{ extensions: string; bytes: number }> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws`, 'json', options);
  const upgraded = once(client, 'upgrade') as Promise<[IncomingMessage]>;
  const messages: unknown[] = [];
  const all = Promise.withResolvers<void>();
  client.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()));
    if (messages.length === COUNT) all.resolve();
  });
  const [{ socket }] = await upgraded;
  await all.promise;
  expect(messages).toMatchObject(Array.from({ length: COUNT }, (_, index) => ({ seq: index + 1, data: SMALL })));
  const { extensions } = client;
  client.terminate();
  return { extensions, bytes: socket.bytesRead };
}

const SMALL = { symbol: 'ACME', price: 101.5, text: 'the same in each of them' };

describe('what is compressed', () => {
  async function filled(compression: 'none' | 'deflate'): Promise<TestNode> {
    const own = await openTestNode({ transport: 'websocket', values: { compression } });
    for (let index = 0; index < COUNT; index++) await own.append(SMALL);
    return own;
  }

  test('nothing, unless the node is to', async () => {
    await using own = await filled('none');
    expect(await bytesFor(own.port, { perMessageDeflate: true })).toMatchObject({ extensions: '' });
  });

  test('every message, however small, for who offers permessage-deflate; nothing for others', async () => {
    await using own = await filled('deflate');
    const plain = await bytesFor(own.port, { perMessageDeflate: false });
    const all = await bytesFor(own.port, { perMessageDeflate: true });
    const anew = await bytesFor(own.port, { perMessageDeflate: { serverNoContextTakeover: true } });
    expect(plain.extensions).toBe('');
    expect(all.extensions).toBe('permessage-deflate');
    // Each refers to the ones before, or begins anew: small messages are what a window is for.
    expect(all.bytes).toBeLessThan(0.5 * plain.bytes);
    expect(anew.bytes).toBeLessThan(0.95 * plain.bytes);
    expect(all.bytes).toBeLessThan(anew.bytes);
  });

  test('1007 to a client that says what cannot be inflated', async () => {
    await using own = await filled('deflate');
    const client = new WebSocket(`ws://127.0.0.1:${own.port}/ws`, 'json');
    const [{ socket }] = (await once(client, 'upgrade')) as [IncomingMessage];
    const closed = once(client, 'close') as Promise<[number]>;
    socket.write(encodedFrame('hello', { opcode: 1, rsv1: true, mask: true }));
    const [code] = await closed;
    expect(code).toBe(1007);
  });

  test('1009 to a client whose few bytes inflate to too many', async () => {
    await using own = await filled('deflate');
    const client = new WebSocket(`ws://127.0.0.1:${own.port}/ws`, 'json');
    const [{ socket }] = (await once(client, 'upgrade')) as [IncomingMessage];
    const closed = once(client, 'close') as Promise<[number]>;
    const [bomb = ''] = deflated([Buffer.alloc(10 * 1024 * 1024)]);
    socket.write(encodedFrame(bomb, { opcode: 1, rsv1: true, mask: true }));
    const [code] = await closed;
    expect(code).toBe(1009);
  });
});
