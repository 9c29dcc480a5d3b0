import { spawn, spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { openTestServer } from '../testing/test-server.ts';
import { openClientSocket } from './client-socket.ts';
import { needs } from '../../scenarios/testing/conditions.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;

/** Asks the kernel, through a program that is handed the connection. */
async function isNagleOff(socket: Socket): Promise<boolean> {
  const question = 'import socket; print(socket.socket(fileno=0).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))';
  const program = spawn('python3', ['-c', question], { stdio: [socket, 'pipe', 'inherit'] });
  return Number(await text(program.stdout)) !== 0;
}

test(
  'a request leaves at once, whatever is still unconfirmed: Nagle is off',
  needs(hasPython, 'python3 is not installed'),
  async () => {
    await using server = await openTestServer(() => undefined);
    const connected = Promise.withResolvers<void>();
    const socket = openClientSocket(
      { host: '127.0.0.1', port: server.port },
      { connected: connected.resolve, readable: () => undefined, ended: () => undefined },
    );
    await connected.promise;
    expect(await isNagleOff(socket)).toBe(true);
    socket.destroy();
  },
);

/** What a client is told, up to its end, of a server that answers so. */
async function endOf(answer: (socket: Socket) => void): Promise<{ read: string; end: SessionEnd }> {
  await using server = await openTestServer(answer);
  const ended = Promise.withResolvers<SessionEnd>();
  let read = '';
  const socket = openClientSocket(
    { host: '127.0.0.1', port: server.port },
    {
      connected: () => socket.write('GET / HTTP/1.1\r\n\r\n'),
      readable: (bytes) => {
        read += bytes.toString();
      },
      ended: ended.resolve,
    },
  );
  return { end: await ended.promise, read };
}

test('what the server sends is read to its end, which is told after it', async () => {
  expect(await endOf((socket) => socket.end('all of it'))).toEqual({
    read: 'all of it',
    end: { code: 'connection-closed' },
  });
});

test('a connection that breaks is told from one that never was', async () => {
  expect((await endOf((socket) => socket.resetAndDestroy())).end).toEqual({
    code: 'connection-lost',
    system: 'ECONNRESET',
  });
  const { port } = await openClosedServer();
  const ended = Promise.withResolvers<SessionEnd>();
  openClientSocket(
    { host: '127.0.0.1', port },
    { connected: () => undefined, readable: () => undefined, ended: ended.resolve },
  );
  expect(await ended.promise).toEqual({ code: 'unreachable', system: 'ECONNREFUSED' });
});

/** A port where nobody listens any more. */
async function openClosedServer(): Promise<{ port: number }> {
  await using server = await openTestServer(() => undefined);
  return { port: server.port };
}
