import { once } from 'node:events';
import { spawn, spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { newAuthority } from '../../scenarios/tls/authority.ts';
import { openTestNode } from '../testing/test-node.ts';
import { openTestServer } from '../testing/test-server.ts';
import { Handshakes } from '../../scenarios/tls/handshakes.ts';
import { type ClientSocket, openClientSocket, type ServerPlace } from './client-socket.ts';
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
    const { socket } = openClientSocket(
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
  const { socket } = openClientSocket(
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

/** Resolves once it stands, or has ended. */
async function standing(place: ServerPlace): Promise<ClientSocket & { readonly end: SessionEnd | undefined }> {
  return new Promise((resolve) => {
    const line = openClientSocket(place, {
      connected: () => resolve({ ...line, end: undefined }),
      readable: () => undefined,
      ended: (end) => resolve({ ...line, end }),
    });
  });
}

test(
  'over TLS nobody is spoken to whom the authority does not vouch for, and Nagle is off too',
  needs(hasPython, 'python3 is not installed'),
  async () => {
    const { authority, server } = await newAuthority(['127.0.0.1']);
    await using node = await openTestNode({ transport: 'polling', tls: server });
    const place = { host: '127.0.0.1', port: node.port };
    const { wire, socket } = await standing({ ...place, authority });
    expect(await isNagleOff(wire)).toBe(true);
    socket.destroy();
    const stranger = await newAuthority(['127.0.0.1']);
    const { end } = await standing({ ...place, authority: stranger.authority });
    expect(end).toEqual({ code: 'unreachable', system: 'CERT_SIGNATURE_FAILURE' });
    const closed = await openClosedServer();
    const nobody = await standing({ host: '127.0.0.1', ...closed, authority });
    expect(nobody.end).toEqual({ code: 'unreachable', system: 'ECONNREFUSED' });
  },
);

test.each([true, false])(
  'a session over TLS goes on in the next connection of its client, where that is wanted: %s',
  async (resumes) => {
    const { authority, server } = await newAuthority(['127.0.0.1']);
    await using node = await openTestNode({ transport: 'polling', tls: server });
    const handshakes = new Handshakes(resumes);
    for (let count = 0; count < 3; count++) {
      const { socket } = await standing({ host: '127.0.0.1', port: node.port, authority, handshakes });
      // Tickets come behind the handshake, with what is said next.
      const answered = once(socket, 'data');
      socket.write('GET /health HTTP/1.1\r\nHost: node\r\n\r\n');
      await answered;
      socket.destroy();
    }
    expect([handshakes.full, handshakes.resumed]).toEqual(resumes ? [1, 2] : [3, 0]);
  },
);

/** A port where nobody listens any more. */
async function openClosedServer(): Promise<{ port: number }> {
  await using server = await openTestServer(() => undefined);
  return { port: server.port };
}
