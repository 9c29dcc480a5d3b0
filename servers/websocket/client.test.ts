import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeBinary } from '../../scenarios/feed/binary-message.ts';
import { encodeMessage, encodeNotice } from '../../scenarios/feed/message.ts';
import { headerProfile } from '../registry.ts';
import { handshakeAnswer } from '../testing/raw-websocket.ts';
import { openTestServer } from '../testing/test-server.ts';
import { bodyOf, numbers, TestSubscriber } from '../testing/test-subscriber.ts';
import type { SessionMember } from '../transport.ts';
import { openSession } from './client.ts';

function session(
  port: number,
  profile: 'minimal' | 'browser' = 'minimal',
  { member, ...values }: DimensionValues & { readonly member?: SessionMember } = {},
): TestSubscriber {
  const subscriber = new TestSubscriber();
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: { kind: 'after', seq: 7 },
      headers: headerProfile(profile),
      values,
      poll: { originNs: 0, intervalNs: 1e9 },
      ...(member !== undefined && { member }),
    },
    subscriber,
  );
  return subscriber;
}

interface Peer extends AsyncDisposable {
  readonly subscriber: TestSubscriber;
  readonly client: WebSocket;
  readonly path: string | undefined;
}

/** Our client half, and what the server of the ws library has of it. */
async function openPeer(
  profile?: 'minimal' | 'browser',
  values?: DimensionValues,
  options: ServerOptions = {},
): Promise<Peer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const connection = once(server, 'connection') as Promise<[WebSocket, { url?: string }]>;
  const subscriber = session((server.address() as AddressInfo).port, profile, values);
  const [client, { url }] = await connection;
  await subscriber.until(({ openings }) => openings === 1);
  return {
    subscriber,
    client,
    path: url,
    [Symbol.asyncDispose]: async () => {
      client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('with the server of the ws library', () => {
  test.each(['minimal', 'browser'] as const)(
    'it connects where it left off, with the headers of %s',
    async (profile) => {
      await using peer = await openPeer(profile);
      expect(peer.path).toBe('/ws?since=7');
      expect(peer.client.protocol).toBe('json');
    },
  );

  test('it reads messages and notices, and what is neither', async () => {
    await using peer = await openPeer();
    peer.client.send(encodeMessage(8, bodyOf('eight')), { binary: false });
    peer.client.send(encodeNotice({ notice: 'gap', from: 9, to: 11 }), { binary: false });
    peer.client.send('hello');
    peer.client.send(encodeMessage(12, bodyOf('x'.repeat(70_000))), { binary: false });
    await peer.subscriber.untilSeq(12);
    expect(peer.subscriber.told.map(({ kind }) => kind)).toEqual(['message', 'notice', 'foreign', 'message']);
    expect(peer.subscriber.sequence).toEqual([8, 12]);
  });

  test('it answers a ping with what the ping held', async () => {
    await using peer = await openPeer();
    peer.client.ping('are you there');
    const [data] = (await once(peer.client, 'pong')) as [Buffer];
    expect(data.toString()).toBe('are you there');
  });

  test('it tells the code and the reason of a close', async () => {
    await using peer = await openPeer();
    peer.client.close(1008, 'too slow');
    await peer.subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(peer.subscriber.end).toEqual({ code: 'websocket-close', closeCode: 1008, text: 'too slow' });
  });

  test('it says 1000 when it is closed, and is told nothing after', async () => {
    await using peer = await openPeer();
    const closed = once(peer.client, 'close') as Promise<[number]>;
    peer.subscriber.close();
    const [code] = await closed;
    expect(code).toBe(1000);
    expect(peer.subscriber.lostReason).toBeUndefined();
  });

  test('it is told nothing after a close in the middle of a chunk', async () => {
    await using peer = await openPeer();
    const message = peer.subscriber.message.bind(peer.subscriber);
    peer.subscriber.message = (header, bytes) => {
      message(header, bytes);
      if (header.seq === 9) peer.subscriber.close();
    };
    const closed = once(peer.client, 'close');
    for (const seq of numbers(8, 20)) peer.client.send(encodeMessage(seq, bodyOf(seq)), { binary: false });
    await closed;
    expect(peer.subscriber.sequence).toEqual([8, 9]);
  });
});

/** The server of the ws library, which keeps what it is told. */
async function openHearing(): Promise<
  AsyncDisposable & {
    readonly port: number;
    readonly paths: string[];
    /** The next text, and who said it. */
    next(): Promise<{ readonly client: WebSocket; readonly text: string; readonly isBinary: boolean }>;
  }
> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const events = new EventEmitter();
  const paths: string[] = [];
  server.on('connection', (client, { url = '' }) => {
    paths.push(url);
    client.on('message', (data: Buffer, isBinary) => events.emit('text', { client, text: data.toString(), isBinary }));
  });
  return {
    port: (server.address() as AddressInfo).port,
    paths,
    next: async () => {
      const [said] = (await once(events, 'text')) as [{ client: WebSocket; text: string; isBinary: boolean }];
      return said;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a member', () => {
  const MEMBER = { user: 'ann', channels: ['room:1', 'room:2'] };

  test.each(['text', 'binary'] as const)(
    'says commands in %s frames, and takes each answer to its own',
    async (frames) => {
      await using server = await openHearing();
      const subscriber = session(server.port, 'minimal', { frames, member: MEMBER });
      await subscriber.until(({ openings }) => openings === 1);
      const data = 'größer'.repeat(10_000);
      const heard = server.next();
      const answers = [subscriber.say({ type: 'send', channel: 'room:1', n: 1, data })];
      const { client, text, isBinary } = await heard;
      expect(server.paths).toEqual(['/ws?since=7&channels=room:1,room:2&user=ann']);
      expect(isBinary).toBe(frames === 'binary');
      expect(JSON.parse(text)).toEqual({ type: 'send', id: 1, channel: 'room:1', n: 1, data });
      answers.push(subscriber.say({ type: 'join', channel: 'room:3' }));
      const say = (value: object): void => {
        const bytes = Buffer.from(JSON.stringify(value));
        client.send(frames === 'binary' ? encodeBinary(bytes) : bytes, { binary: frames === 'binary' });
      };
      say({ signal: 'answer', id: 2, error: 'no', reason: 'forbidden' });
      say({ signal: 'answer', id: 9, seq: 1 });
      say({ signal: 'answer', id: 1, seq: 8 });
      say({ signal: 'typing', channel: 'room:1', from: 'ben' });
      expect(await Promise.all(answers)).toEqual([{ seq: 8 }, { error: 'no', reason: 'forbidden' }]);
      await subscriber.until(({ signals }) => signals.length > 0);
      expect(subscriber.signals).toEqual([{ signal: 'typing', channel: 'room:1', from: 'ben' }]);
      expect(subscriber.told).toEqual([]);
      subscriber.close();
    },
  );

  test('with a token says it first, and is open when it is let in', async () => {
    await using server = await openHearing();
    const heard = server.next();
    const member = { ...MEMBER, token: 'secret' };
    const subscriber = session(server.port, 'minimal', { auth: 'message', member });
    const { client, text } = await heard;
    expect(JSON.parse(text)).toEqual({ type: 'auth', token: 'secret' });
    expect(server.paths).toEqual(['/ws?since=7&channels=room:1,room:2']);
    expect(subscriber.openings).toBe(0);
    client.send('{"signal":"auth_success","user":"ann"}', { binary: false });
    await subscriber.until(({ openings }) => openings === 1);
    subscriber.close();
  });

  test('that is refused was never open', async () => {
    await using server = await openHearing();
    const heard = server.next();
    const subscriber = session(server.port, 'minimal', { auth: 'message', member: { ...MEMBER, token: 'secret' } });
    const { client } = await heard;
    client.close(4001, 'the token is not good here');
    await subscriber.until(({ end }) => end !== undefined);
    expect(subscriber.end).toMatchObject({ code: 'websocket-close', closeCode: 4001 });
    expect(subscriber.openings).toBe(0);
  });

  test('who says something before the connection is open has made a mistake', () => {
    const subscriber = session(1, 'minimal', { member: MEMBER });
    expect(() => subscriber.session?.say({ type: 'join', channel: 'a' }, () => undefined)).toThrow('before');
    subscriber.close();
  });
});

describe('with the server of the ws library, in binary frames', () => {
  const BINARY = { frames: 'binary' } as const;

  test('it offers binary, and reads messages and notices, and what is neither', async () => {
    await using peer = await openPeer('minimal', BINARY);
    expect(peer.client.protocol).toBe('binary');
    peer.client.send(encodeBinary(encodeMessage(8, bodyOf('eight'))));
    peer.client.send(encodeBinary(encodeNotice({ notice: 'gap', from: 9, to: 11 })));
    peer.client.send(Buffer.from('hello'));
    peer.client.send(encodeBinary(encodeMessage(12, bodyOf('x'.repeat(70_000)))));
    await peer.subscriber.untilSeq(12);
    expect(peer.subscriber.told.map(({ kind }) => kind)).toEqual(['message', 'notice', 'foreign', 'message']);
    expect(peer.subscriber.sequence).toEqual([8, 12]);
  });

  test.each([
    ['a text frame', BINARY, false],
    ['a binary frame', {}, true],
  ] as const)('%s where the other kind was agreed on ends it with 1003', async (_name, values, binary) => {
    await using peer = await openPeer('minimal', values);
    const closed = once(peer.client, 'close') as Promise<[number]>;
    peer.client.send(encodeMessage(8, bodyOf('eight')), { binary });
    const [code] = await closed;
    expect(code).toBe(1003);
    expect(peer.subscriber.end).toEqual({ code: 'protocol', cause: 'frame-kind' });
    expect(peer.subscriber.told).toEqual([]);
  });
});

describe('with the server of the ws library, compressed', () => {
  const DEFLATE = { compression: 'deflate' } as const;

  test.each<[string, ServerOptions['perMessageDeflate']]>([
    ['as ws does it', true],
    ['each message by itself', { serverNoContextTakeover: true, threshold: 0 }],
    ['in a small window', { serverMaxWindowBits: 9 }],
    ['by asking for what clients are to do', { clientNoContextTakeover: true, clientMaxWindowBits: 10 }],
  ])('%s, it reads every message', async (_name, perMessageDeflate) => {
    await using peer = await openPeer('minimal', DEFLATE, { perMessageDeflate });
    expect(peer.client.extensions).toContain('permessage-deflate');
    const bodies = ['one and the same', 'one and the same', 'größer'.repeat(9000), ''];
    for (const [index, body] of bodies.entries())
      peer.client.send(encodeMessage(8 + index, bodyOf(body)), { binary: false });
    await peer.subscriber.untilSeq(11);
    expect(peer.subscriber.sequence).toEqual(numbers(8, 11));
    expect(peer.subscriber.intact).toBe(true);
    peer.client.close(1000);
    await peer.subscriber.until(({ end }) => end !== undefined);
    expect(peer.subscriber.end).toEqual({ code: 'websocket-close', closeCode: 1000 });
  });

  test('a message in fragments is inflated whole, with a ping between them', async () => {
    await using peer = await openPeer('minimal', DEFLATE, { perMessageDeflate: true });
    for (const seq of [8, 9]) {
      const bytes = encodeMessage(seq, bodyOf('x'.repeat(1000)));
      peer.client.send(bytes.subarray(0, 40), { binary: false, fin: false });
      peer.client.ping('between');
      peer.client.send(bytes.subarray(40), { binary: false, fin: true });
    }
    await peer.subscriber.untilSeq(9);
    expect(peer.subscriber.sequence).toEqual([8, 9]);
    expect(peer.subscriber.intact).toBe(true);
  });

  test('where the server does not, it ends', async () => {
    await using server = await openTestServer((socket, head) => void socket.write(handshakeAnswer(head)));
    const subscriber = session(server.port, 'minimal', DEFLATE);
    await subscriber.until(({ end }) => end !== undefined);
    expect(subscriber.end).toEqual({ code: 'protocol', cause: 'extension' });
  });
});

describe('with a server that does it by hand', () => {
  test('it opens at a handshake cut anywhere, with a frame right behind', async () => {
    await using server = await openTestServer((socket, head) => {
      const frame = Buffer.concat([Buffer.from([0x81, 0x02]), Buffer.from('hi')]);
      const bytes = Buffer.concat([Buffer.from(handshakeAnswer(head)), frame]);
      let position = 0;
      const next = (): void => {
        if (position === bytes.length) return;
        position += 1;
        socket.write(bytes.subarray(position - 1, position), () => setImmediate(next));
      };
      next();
    });
    const subscriber = session(server.port);
    await subscriber.until(({ told }) => told.length > 0);
    expect(subscriber.openings).toBe(1);
    expect(subscriber.told).toEqual([{ kind: 'foreign' }]);
    subscriber.close();
  });

  test.each([
    ['a wrong accept', { 'Sec-WebSocket-Accept': 'c29tZXRoaW5nIGVsc2U=' }, 'accept'],
    ['no accept', { 'Sec-WebSocket-Accept': undefined }, 'accept'],
    ['another subprotocol', { 'Sec-WebSocket-Protocol': 'xml' }, 'subprotocol'],
    ['no subprotocol', { 'Sec-WebSocket-Protocol': undefined }, 'subprotocol'],
    ['another upgrade', { Upgrade: 'h2c' }, 'upgrade'],
    ['no Connection', { Connection: undefined }, 'connection'],
  ])('it refuses %s', async (_name, changes, cause) => {
    await using server = await openTestServer((socket, head) => void socket.write(handshakeAnswer(head, changes)));
    const subscriber = session(server.port);
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(subscriber.end).toEqual({ code: 'protocol', cause });
    expect(subscriber.openings).toBe(0);
  });

  test.each([
    [
      'a refusal',
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
      { code: 'http-status', status: 403, text: 'Forbidden' },
    ],
    ['a head that does not end', 'x'.repeat(70_000), { code: 'protocol', cause: 'endless-head' }],
  ])('it ends at %s', async (_name, text, end) => {
    await using server = await openTestServer((socket) => void socket.write(text));
    const subscriber = session(server.port);
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(subscriber.end).toEqual(end);
  });

  test('it ends at a frame that is against the protocol', async () => {
    await using server = await openTestServer((socket, head) => {
      socket.write(Buffer.concat([Buffer.from(handshakeAnswer(head)), Buffer.from([0x83, 0x00])]));
    });
    const subscriber = session(server.port);
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(subscriber.end).toEqual({ code: 'protocol', cause: 'opcode' });
  });

  test('it ends when the connection breaks', async () => {
    await using server = await openTestServer((socket, head) => void socket.write(handshakeAnswer(head)));
    const subscriber = session(server.port);
    await subscriber.until(({ openings }) => openings === 1);
    server.cut();
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(subscriber.end).toEqual({ code: 'connection-closed' });
  });
});
