import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { REFUSALS } from '../hub/admission.ts';
import { encodedFrame } from '../testing/raw-websocket.ts';
import type { DoorOptions } from '../transport.ts';
import { CLOSES } from './closes.ts';
import { Guests } from './guests.ts';
import { Peer } from './peer.ts';
import { TEXT_FRAMES } from './sink.ts';
import { Client, say } from './testing/client.ts';
import { openStand, type Stand, TestVerifier } from './testing/stand.ts';

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
