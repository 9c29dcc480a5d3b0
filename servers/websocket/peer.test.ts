import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { REFUSALS, type Refusal } from '../hub/admission.ts';
import { LoopClock } from '../../scenarios/testing/loop-clock.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { numbers } from '../testing/test-subscriber.ts';
import { closeFor, CLOSES, GOODBYES } from './closes.ts';
import { Peer } from './peer.ts';
import { TEXT_FRAMES } from './sink.ts';
import { Client, type Heard } from './testing/client.ts';

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

test.each([true, false])(
  'what goes out in one turn of the loop is one write where it is gathered: %s',
  async (gathers) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const connection = once(server, 'connection') as Promise<[WebSocket, { socket: Socket }]>;
    const client = await new Client((server.address() as AddressInfo).port).opened();
    const [served, { socket }] = await connection;
    const { sink } = new Peer({ client: served, socket }, TEXT_FRAMES, {
      slowMs: 1000,
      sendBufferBytes: 1000,
      gathers,
    });
    const writes = (['_write', '_writev'] as const).map((method) => vi.spyOn(socket, method));
    for (const n of numbers(1, 8)) sink.send(Buffer.from(JSON.stringify({ signal: 'answer', id: n, seq: n })));
    await client.until(({ heard }) => heard.length === 8);
    const count = writes.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    expect(count).toBe(gathers ? 1 : 8);
    client.socket.terminate();
    server.close();
  },
);

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
    using clock = new LoopClock();
    expect(await silent.ended()).toMatchObject({ code: 1006 });
    expect(clock.elapsedMs).toBeLessThan(FOUND_WITHIN_MS);
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
    using clock = new LoopClock();
    await ben.until(() => ben.in('presence').length >= 3);
    expect(clock.elapsedMs).toBeLessThan(FOUND_WITHIN_MS);
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
