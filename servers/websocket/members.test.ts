import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { monotonicNs } from '../../scenarios/clock.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { MemoryConversation } from '../backplane/memory-conversation.ts';
import { Log } from '../feed/log.ts';
import { type Admission, REFUSALS, type Refusal, type Verifier } from '../hub/admission.ts';
import { Hub } from '../hub/hub.ts';
import { encodedFrame } from '../testing/raw-websocket.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { bodyOf, numbers } from '../testing/test-subscriber.ts';
import { Witness } from '../testing/test-witness.ts';
import type { DoorOptions, TakeUpgrade } from '../transport.ts';
import { closeFor, CLOSES, GOODBYES } from './closes.ts';
import { Guests } from './guests.ts';
import { Peer } from './peer.ts';
import { openDoor } from './server.ts';
import { TEXT_FRAMES } from './sink.ts';

/** Who talks through the door, and who is let in, as the client of the ws library sees it. */

interface Heard {
  readonly signal?: string;
  readonly seq?: number;
  readonly channel?: string;
  readonly from?: string;
  readonly n?: number;
  readonly data?: unknown;
  readonly id?: number | null;
  readonly reason?: string;
  readonly user?: string;
}

/** A client that keeps what it hears, and how it ended. */
class Client extends Witness {
  readonly socket: WebSocket;
  readonly heard: Heard[] = [];
  pings = 0;
  end: { readonly code: number; readonly reason: string } | undefined;
  #id = 0;

  constructor(port: number, query = '', options: ClientOptions = {}) {
    super();
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws?since=0${query}`, 'json', options);
    this.socket.on('open', () => this.changed());
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.heard.push(JSON.parse(data.toString()) as Heard);
      this.changed();
    });
    this.socket.on('ping', () => {
      this.pings += 1;
      this.changed();
    });
    this.socket.on('close', (code, reason) => {
      this.end = { code, reason: reason.toString() };
      this.changed();
    });
  }

  async opened(): Promise<this> {
    await this.until(({ socket, end }) => end !== undefined || socket.readyState === WebSocket.OPEN);
    return this;
  }

  async ended(): Promise<Client['end']> {
    await this.until(({ end }) => end !== undefined);
    return this.end;
  }

  send(value: unknown): void {
    this.socket.send(JSON.stringify(value));
  }

  /** Says something, and resolves with the answer. */
  async command(command: object): Promise<Heard> {
    this.#id += 1;
    const id = this.#id;
    this.send({ ...command, id });
    await this.until(({ heard }) => heard.some((one) => one.signal === 'answer' && one.id === id));
    const { signal: _, id: __, ...answer } = this.heard.find((one) => one.id === id) ?? {};
    return answer;
  }

  async untilSignal(signal: string): Promise<Heard | undefined> {
    await this.until(({ heard }) => heard.some((one) => one.signal === signal));
    return this.heard.find((one) => one.signal === signal);
  }

  /** What came in a channel, as data. */
  in(channel: string): unknown[] {
    return this.heard.flatMap((one) => (one.channel === channel ? [one.data] : []));
  }

  async untilIn(channel: string, count: number): Promise<void> {
    await this.until(() => this.in(channel).length >= count);
  }
}

const say = (channel: string, data: unknown, n?: number) => ({
  type: 'send',
  channel,
  data,
  ...(n !== undefined && { n }),
});

describe('a member', () => {
  test('is welcomed, says something, and is told its number; who follows the channel gets it, others do not', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=room:1').opened();
    const ben = await new Client(node.port, '&user=ben&channels=room:1').opened();
    const carl = await new Client(node.port, '&user=carl&channels=room:2').opened();
    const listener = await new Client(node.port).opened();
    expect(await ben.untilSignal('welcome')).toMatchObject({ user: 'ben' });
    const { seq } = await ann.command(say('room:1', 'größer'));
    await ben.untilIn('room:1', 1);
    expect(ben.heard.find(({ channel }) => channel === 'room:1')).toMatchObject({
      seq,
      from: 'ann',
      n: 1,
      data: 'größer',
    });
    await ann.command(say('user:carl', 'only you'));
    await carl.untilIn('user:carl', 1);
    await node.append('for listeners');
    await listener.until(({ heard }) => heard.length > 0);
    expect(listener.heard).toMatchObject([{ data: 'for listeners' }]);
    expect([carl.in('room:1'), ben.in('user:carl')]).toEqual([[], []]);
  });

  test.each([{ protocol: 'json' }, { protocol: 'binary' }])(
    'is heard in either kind of frame, by $protocol',
    async ({ protocol }) => {
      await using node = await openTestNode({ transport: 'websocket' });
      const socket = new WebSocket(`ws://127.0.0.1:${node.port}/ws?user=ann&channels=`, protocol);
      await once(socket, 'open');
      const answers: string[] = [];
      const both = Promise.withResolvers<undefined>();
      socket.on('message', (data: Buffer, isBinary) => {
        expect(isBinary).toBe(protocol === 'binary');
        const said = data.toString().replace(/^N/, '');
        if (said.includes('"answer"')) answers.push(said);
        if (answers.length === 2) both.resolve(undefined);
      });
      for (const binary of [true, false])
        socket.send(Buffer.from(JSON.stringify({ ...say('room:1', 'ä'), id: Number(binary) })), { binary });
      await both.promise;
      expect(answers.map((one) => JSON.parse(one) as unknown)).toMatchObject([
        { signal: 'answer', id: 1, seq: 2 },
        { signal: 'answer', id: 0, seq: 3 },
      ]);
      socket.terminate();
    },
  );

  test('is answered without an id where it said none, and told what is no command', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=').opened();
    const answers = (): Heard[] => ann.heard.filter(({ signal }) => signal === 'answer');
    for (const [index, said] of ['hello', '{"type":"dance","id":7}', '{"type":"auth","token":"x"}', '[]'].entries()) {
      ann.socket.send(said);
      await ann.until(() => answers().length > index);
    }
    ann.send(say('room:1', 'x'));
    await ann.until(() => answers().length === 5);
    expect(answers().map(({ id, reason, seq }) => [id, reason, seq])).toEqual([
      [null, 'malformed', undefined],
      [7, 'malformed', undefined],
      [null, 'malformed', undefined],
      [null, 'malformed', undefined],
      [null, undefined, 2],
    ]);
  });

  test('joins and leaves, from the numbers that it is told', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=').opened();
    const ben = await new Client(node.port, '&user=ben&channels=room:2').opened();
    const before = await ann.command(say('room:1', 'before'));
    const joined = await ben.command({ type: 'join', channel: 'room:1' });
    await ann.command(say('room:1', 'within'));
    await ben.untilIn('room:1', 1);
    const left = await ben.command({ type: 'leave', channel: 'room:1' });
    await ann.command(say('room:1', 'after'));
    await ann.command(say('room:2', 'the last'));
    await ben.untilIn('room:2', 1);
    expect(joined.seq).toBe(before.seq);
    expect(left.seq).toBe((before.seq ?? 0) + 1);
    expect(ben.in('room:1')).toEqual(['within']);
    expect(await ben.command({ type: 'join', channel: 'user:ann' })).toMatchObject({ reason: 'forbidden' });
  });

  test('that is behind leaves a channel where it is, and not where the log is', async () => {
    await using stand = await openStand({ sendBufferBytes: 1 });
    const ben = await new Client(stand.port, '&user=ben&channels=room:1').opened();
    await ben.untilSignal('welcome');
    ben.socket.pause();
    const kilobytes64 = 'x'.repeat(64 * 1024);
    const sent = 200;
    for (const _ of numbers(1, sent)) stand.say('room:1', kilobytes64);
    const leaving = ben.command({ type: 'leave', channel: 'room:1' });
    ben.socket.resume();
    const { seq = 0 } = await leaving;
    stand.say('user:ben', 'the last');
    await ben.untilIn('user:ben', 1);
    expect(seq).toBeLessThan(sent);
    expect(ben.heard.findLast(({ channel }) => channel === 'room:1')?.seq).toBe(seq);
  });

  test('is told who writes', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=room:1').opened();
    const ben = await new Client(node.port, '&user=ben&channels=room:1').opened();
    await ben.untilSignal('welcome');
    expect(await ann.command({ type: 'typing', channel: 'room:1' })).toEqual({ seq: null });
    expect(await ben.untilSignal('typing')).toEqual({ signal: 'typing', channel: 'room:1', from: 'ann' });
  });

  test('comes back, and has what came meanwhile in its channels alone', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=').opened();
    for (const data of ['one', 'two']) await ann.command(say('room:1', data));
    await ann.command(say('room:2', 'other'));
    await ann.command(say('user:ben', 'direct'));
    const ben = await new Client(node.port, '&user=ben&channels=room:1').opened();
    await ben.untilIn('user:ben', 1);
    expect([ben.in('room:1'), ben.in('room:2'), ben.in('presence')]).toEqual([['one', 'two'], [], []]);
  });
});

test('a listener without a name has the feed to the byte, and may do nothing', async () => {
  await using node = await openTestNode({ transport: 'websocket' });
  const socket = connect(node.port, '127.0.0.1');
  socket.setEncoding('latin1');
  let said = '';
  socket.on('data', (chunk: string) => (said += chunk));
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  while (!said.endsWith('\r\n\r\n')) await once(socket, 'data');
  said = '';
  await node.append('x');
  while (!said.includes('"}')) await once(socket, 'data');
  expect(said).toMatch(/^\x81.\{"seq":1,"dueNs":\d+,"publishedNs":\d+,"data":"x","crc":"[\da-f]{8}"\}$/);
  said = '';
  socket.write(encodedFrame(JSON.stringify({ ...say('room:1', 'x'), id: 3 }), { opcode: 1, mask: true }));
  while (!said.includes('"}')) await once(socket, 'data');
  expect(JSON.parse(said.slice(said.indexOf('{')))).toMatchObject({ signal: 'answer', id: 3, reason: 'forbidden' });
  socket.destroy();
});

test.each([
  ['of another user', 'user=ann&channels=user:ben', 'forbidden-channel'],
  ['that is no name', 'user=ann&channels=a%20b', 'bad-channels'],
  ['for a user who has no name', 'user=a%20b', 'bad-user'],
] as const)('a channel %s ends it with 1008', async (_name, query, refusal) => {
  await using node = await openTestNode({ transport: 'websocket' });
  const client = new Client(node.port, `&${query}`);
  expect(await client.ended()).toEqual({ code: 1008, reason: REFUSALS[refusal].error });
  expect(client.heard).toEqual([]);
});

/** Admits `good:ann`, and `dies:ann` for a short while; `slow:ann` once it is let go, and `fault` is ours. */
class TestVerifier extends Witness implements Verifier {
  readonly slow = Promise.withResolvers<undefined>();
  readonly asked: string[] = [];

  async verify(token: string): Promise<Admission> {
    this.asked.push(token);
    this.changed();
    const [kind = '', user] = token.split(':');
    const admitted = (expiresAtMs?: number): Admission => ({ kind: 'admitted', identity: { user, expiresAtMs } });
    const refused = (refusal: Refusal): Admission => ({ kind: 'refused', refusal });
    switch (kind) {
      case 'good':
        return admitted();
      case 'dies':
        return admitted(Date.now() + 150);
      case 'slow':
        await this.slow.promise;
        return admitted();
      case 'old':
        return refused('expired-token');
      case 'fault':
        throw new Error('a fault of the verifier');
      default:
        return refused('bad-token');
    }
  }
}

interface Stand extends AsyncDisposable {
  readonly port: number;
  readonly verifier: TestVerifier;
  append(data: unknown): void;
  say(channel: string, data: unknown): void;
  drain(): Promise<void>;
}

/** The door on a server and a hub of its own, which wants tokens where options of it are given. */
async function openStand({
  wantsTokens = false,
  ...given
}: Partial<DoorOptions> & { wantsTokens?: boolean } = {}): Promise<Stand> {
  const app = Fastify();
  const log = new Log({ messages: 10_000, bytes: 1e9 });
  const verifier = new TestVerifier();
  const append = (body: string): number => {
    log.append(log.latest + 1, body);
    return log.latest;
  };
  const conversation = new MemoryConversation({
    mostSenders: 1000,
    append,
    latest: () => log.latest,
    onSignal: (signal) => hub.tell(signal),
  });
  const hub = new Hub({
    log,
    conversation,
    newest: undefined,
    verifier: wantsTokens ? verifier : undefined,
    awayMs: 60_000,
  });
  const bounds = {
    holdMs: 1000,
    sendBufferBytes: 1e6,
    slowMs: 10_000,
    closeMs: 1000,
    heartbeatMs: 30_000,
    authMs: 5000,
  };
  const door = openDoor({
    app,
    log,
    hub,
    options: { values: {}, ...bounds, ...given },
    onSlowConsumer: () => undefined,
    onUpgrade: (_path: string, take: TakeUpgrade) =>
      app.server.on('upgrade', (request, socket, head) => void take(request, socket, head)),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  let n = 0;
  return {
    port: (app.server.address() as AddressInfo).port,
    verifier,
    append: (data) => void append(bodyOf(data)),
    say: (channel, data) => {
      n += 1;
      void hub.obey({ user: 'somebody', expiresAtMs: undefined }, { type: 'send', channel, data: data as string, n });
    },
    drain: async () => door.drain('for-good'),
    [Symbol.asyncDispose]: async () => {
      verifier.slow.resolve(undefined);
      await door.drain('for-good');
      await app.close();
    },
  };
}

const wanting = async (options: Partial<DoorOptions> = {}): Promise<Stand> =>
  openStand({ wantsTokens: true, ...options });
const AUTH = { type: 'auth', token: 'good:ann' };

describe.each<[where: string, ask: (port: number, token: string) => Client]>([
  ['in the query', (port, token) => new Client(port, `&token=${token}`)],
  ['in a header', (port, token) => new Client(port, '', { headers: { Authorization: `Bearer ${token}` } })],
  ['in a cookie', (port, token) => new Client(port, '', { headers: { Cookie: `a=b; feedbench_token=${token}` } })],
  [
    'in its first message',
    (port, token) => {
      const client = new Client(port);
      client.socket.once('open', () => client.send({ type: 'auth', token }));
      return client;
    },
  ],
])('a token %s', (_where, ask) => {
  test('that is good lets its user in, who has the feed', async () => {
    await using stand = await wanting();
    stand.append('before');
    const client = ask(stand.port, 'good:ann');
    await client.untilSignal('welcome');
    await client.until(({ heard }) => heard.some(({ data }) => data === 'before'));
    expect(client.heard[0]).toEqual({ signal: 'auth_success', user: 'ann' });
    expect(await client.command(say('user:ann', 'me'))).toMatchObject({ seq: 3 });
  });

  test.each([
    ['bad', 'bad-token'],
    ['old:ann', 'expired-token'],
  ] as const)('that is not (%s) ends it with 4001', async (token, refusal) => {
    await using stand = await wanting();
    const client = ask(stand.port, token);
    expect(await client.ended()).toEqual({ code: 4001, reason: REFUSALS[refusal].error });
    expect(client.heard).toEqual([]);
  });

  test('that ends while its client is connected ends it with 4001', async () => {
    await using stand = await wanting();
    const other = ask(stand.port, 'good:ben');
    await other.untilSignal('welcome');
    const client = ask(stand.port, 'dies:ann');
    expect(await client.ended()).toEqual({ code: 4001, reason: REFUSALS['expired-token'].error });
    expect(client.heard.map(({ signal }) => signal)).toContain('auth_success');
    await other.command({ type: 'join', channel: 'presence' });
    expect(other.end).toBeUndefined();
  });

  test('at which our own code fails ends it with 1011, and nobody else', async () => {
    const warned = once(process, 'warning');
    await using stand = await wanting();
    const other = ask(stand.port, 'good:ben');
    await other.untilSignal('welcome');
    expect(await ask(stand.port, 'fault').ended()).toMatchObject({ code: 1011 });
    expect(await other.command(say('room:1', 'still here'))).toMatchObject({ seq: expect.any(Number) as number });
    expect(await warned).toMatchObject([{ message: 'a fault of the verifier' }]);
  });

  test('that is looked at when the node closes ends it with 1001', async () => {
    await using stand = await wanting();
    const client = ask(stand.port, 'slow:ann');
    await stand.verifier.until(({ asked }) => asked.length > 0);
    const drained = stand.drain();
    stand.verifier.slow.resolve(undefined);
    expect(await client.ended()).toMatchObject({ code: 1001 });
    await drained;
  });

  test('that is looked at when its client breaks off does no harm', async () => {
    await using stand = await wanting();
    const client = ask(stand.port, 'slow:ann');
    await stand.verifier.until(({ asked }) => asked.length > 0);
    client.socket.terminate();
    await client.ended();
    stand.verifier.slow.resolve(undefined);
    const other = ask(stand.port, 'good:ben');
    expect(await other.untilSignal('welcome')).toMatchObject({ user: 'ben' });
  });
});

describe('a client that has not said who it is', () => {
  test('hears nothing, and goes with 4002 after a while', async () => {
    await using stand = await wanting({ authMs: 100 });
    stand.append('secret');
    const client = await new Client(stand.port).opened();
    expect(await client.ended()).toEqual({ code: 4002, reason: REFUSALS['no-token'].error });
    expect(client.heard).toEqual([]);
  });

  test.each([
    ['another command', [JSON.stringify(say('room:1', 'x'))]],
    ['what is no command', ['hello']],
    [
      'a command before it is known',
      [JSON.stringify({ ...AUTH, token: 'slow:ann' }), JSON.stringify(say('room:1', 'x'))],
    ],
    ['a second token', [JSON.stringify({ ...AUTH, token: 'slow:ann' }), JSON.stringify(AUTH)]],
  ])('goes with 4002 at %s', async (_what, texts) => {
    await using stand = await wanting();
    const client = await new Client(stand.port).opened();
    for (const said of texts) client.socket.send(said);
    expect(await client.ended()).toEqual({ code: 4002, reason: REFUSALS['no-token'].error });
    stand.verifier.slow.resolve(undefined);
    expect(client.heard).toEqual([]);
  });

  test.each<[what: string, frame: Buffer]>([
    ['a message that does not end', encodedFrame('x'.repeat(60_000), { opcode: 1, mask: true }).subarray(0, 20_000)],
    ['fragments that do not end', encodedFrame('x'.repeat(20_000), { opcode: 1, fin: false, mask: true })],
  ])('goes with 1009 after 16 KiB of %s', async (_what, frame) => {
    await using stand = await wanting();
    const client = new Client(stand.port);
    const [{ socket }] = (await once(client.socket, 'upgrade')) as [{ socket: Socket }];
    socket.write(frame);
    expect(await client.ended()).toEqual({ code: 1009, reason: CLOSES.unknownTalker.reason });
  });

  test('goes with 1013 where there are too many, until one of them has gone or is known', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const admitted: unknown[] = [];
    const hub = { admit: async ({ token = '' }) => new TestVerifier().verify(token) };
    const guests = new Guests({ hub, authMs: 60_000, most: 2 });
    server.on('connection', (client, { socket }) =>
      guests.receive(new Peer({ client, socket }, TEXT_FRAMES, { slowMs: 1000, sendBufferBytes: 1 }), (identity) =>
        admitted.push(identity),
      ),
    );
    const { port } = server.address() as AddressInfo;
    const [one, other] = [await new Client(port).opened(), await new Client(port).opened()];
    expect(await new Client(port).ended()).toEqual({ code: 1013, reason: CLOSES.tooManyGuests.reason });
    one.send(AUTH);
    while (admitted.length === 0) await setImmediate();
    other.socket.terminate();
    while (guests.count > 0) await setImmediate();
    const [third, fourth] = [await new Client(port).opened(), await new Client(port).opened()];
    expect(guests.count).toBe(2);
    expect([third.end, fourth.end]).toEqual([undefined, undefined]);
    for (const { socket } of [one, third, fourth]) socket.terminate();
    server.close();
  });
});

test('what a connection is closed with can be said in a close frame', () => {
  const refusals = Object.keys(REFUSALS) as Refusal[];
  for (const { reason } of [...Object.values(CLOSES), ...Object.values(GOODBYES), ...refusals.map(closeFor)])
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
});

test('who reads no answers is not read either, and loses none', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const connection = once(server, 'connection') as Promise<[WebSocket, { socket: Socket }]>;
  const client = await new Client((server.address() as AddressInfo).port).opened();
  const [served, { socket }] = await connection;
  const large = 'x'.repeat(60_000);
  new Peer({ client: served, socket }, TEXT_FRAMES, { slowMs: 1000, sendBufferBytes: 1000 }).serve(async () => ({
    error: large,
    reason: 'forbidden',
  }));
  client.socket.pause();
  let said = 0;
  while (!served.isPaused) {
    client.send({ type: 'join', channel: 'a', id: said });
    said += 1;
    await setImmediate();
  }
  client.socket.resume();
  await client.until(({ heard }) => heard.length === said);
  expect(client.heard.map(({ id }) => id)).toEqual(numbers(0, said - 1));
  client.socket.terminate();
  server.close();
});

const HEARTBEAT_MS = 200;
/** Found within two intervals; a busy machine may be late by one. */
const FOUND_WITHIN_MS = 3 * HEARTBEAT_MS;

describe('the heartbeat', REAL_TIME, () => {
  async function open(): Promise<TestNode> {
    return openTestNode({ transport: 'websocket', heartbeatMs: HEARTBEAT_MS });
  }

  test('leaves alone who answers, and ends who does not', async () => {
    await using node = await open();
    const there = await new Client(node.port).opened();
    const silent = await new Client(node.port, '&user=ann', { autoPong: false }).opened();
    const openedNs = monotonicNs();
    expect(await silent.ended()).toMatchObject({ code: 1006 });
    expect((monotonicNs() - openedNs) / 1e6).toBeLessThan(FOUND_WITHIN_MS);
    expect(silent.pings).toBe(1);
    await there.until(({ pings }) => pings >= 4);
    expect(there.end).toBeUndefined();
  });

  test('leaves alone who reads slowly what waits before its ping', async () => {
    await using node = await openTestNode({ transport: 'websocket', heartbeatMs: 100, sendBufferBytes: 1e6 });
    const slow = await new Client(node.port, '', { autoPong: false }).opened();
    const last = 60;
    for (const _ of numbers(1, last)) await node.append('x'.repeat(1e6));
    slow.socket.on('message', () => {
      slow.socket.pause();
      setTimeout(() => slow.socket.resume(), 5);
    });
    await slow.until(({ heard, end }) => end !== undefined || heard.some(({ seq = 0 }) => seq > last / 2));
    expect(slow.end).toBeUndefined();
    slow.socket.terminate();
  });

  test('finds a client whose process was stopped', async () => {
    await using node = await open();
    const ben = await new Client(node.port, '&user=ben&channels=presence').opened();
    using child = startClient(node.port);
    await ben.until(() => ben.in('presence').some((data) => (data as Heard).user === 'ann'));
    child.process.kill('SIGSTOP');
    const stoppedNs = monotonicNs();
    await ben.until(() => ben.in('presence').length >= 3);
    expect((monotonicNs() - stoppedNs) / 1e6).toBeLessThan(FOUND_WITHIN_MS);
    expect(ben.in('presence').at(-1)).toEqual({ type: 'user_left', user: 'ann' });
  });
});

/** The client of Node itself, in a process of its own. */
function startClient(port: number): Disposable & { readonly process: ChildProcess } {
  const program = `const socket = new WebSocket('ws://127.0.0.1:${port}/ws?user=ann'); socket.onerror = ({message}) => console.error(message);`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'inherit', 'pipe'] });
  void text(child.stderr);
  return { process: child, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
