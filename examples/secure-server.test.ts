import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Server as RoomServer } from 'socket.io';
import { WebSocketServer } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Adapter } from '../load/foreign/adapter.ts';
import { USUAL_LIMITS } from '../load/foreign/links/link.ts';
import { openLink } from '../load/foreign/links/open-link.ts';
import { rehearse } from '../load/foreign/rehearsal.ts';
import { resolveTarget } from '../load/foreign/target-address.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { newAuthority, type ServerIdentity } from '../scenarios/tls/authority.ts';
import { openTestRelay } from '../servers/testing/test-relay.ts';

const KINDS = ['websocket', 'events', 'polling', 'socketio'] as const;
type Kind = (typeof KINDS)[number];

const HOUR_MS = 3600 * 1000;
const VALID = { fromMs: -HOUR_MS, untilMs: HOUR_MS };
const before = getCACertificates('default');

/** Who shows what; all but the stranger are trusted here, as by NODE_EXTRA_CA_CERTS. */
let identities: Readonly<Record<'good' | 'stranger' | 'expired' | 'elsewhere', ServerIdentity>>;

beforeAll(async () => {
  const [good, stranger, expired, elsewhere] = await Promise.all([
    newAuthority(['127.0.0.1'], { name: 'good', ...VALID }),
    newAuthority(['127.0.0.1'], { name: 'stranger', ...VALID }),
    newAuthority(['127.0.0.1'], { name: 'expired', fromMs: -2 * HOUR_MS, untilMs: -HOUR_MS }),
    newAuthority(['198.51.100.7'], { name: 'elsewhere', ...VALID }),
  ]);
  setDefaultCACertificates([...before, good.authority, expired.authority, elsewhere.authority]);
  identities = {
    good: good.server,
    stranger: stranger.server,
    expired: expired.server,
    elsewhere: elsewhere.server,
  };
});

afterAll(() => setDefaultCACertificates(before));

interface Place extends AsyncDisposable {
  readonly port: number;
}

async function listening(server: Server): Promise<Place> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Tells whoever comes one message. */
async function telling(kind: Kind, { certificate, key }: ServerIdentity): Promise<Place> {
  const server = createServer({ cert: certificate, key }, ({ headers }, response) => {
    if (headers.accept !== 'text/event-stream') response.end('1');
    else response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
  });
  if (kind === 'websocket') new WebSocketServer({ server }).on('connection', (socket) => socket.send('1'));
  if (kind === 'socketio')
    new RoomServer(server, { serveClient: false }).on('connection', (socket) => socket.emit('told', '1'));
  return listening(server);
}

function adapterOf(by: Kind): Adapter {
  return { label: by, by, read: ({ text }) => ({ seq: Number(text) }) };
}

async function rehearsed(by: Kind, port: number): Promise<void> {
  const adapter = adapterOf(by);
  const address = await resolveTarget(`https://127.0.0.1:${port}/`);
  const server = { adapter: '/mine.ts', id: by, label: by, isPublishedTo: false, hasClock: false, address };
  return rehearse({ adapter, server });
}

test.each(KINDS)('over TLS %s counts what crosses, and not what it says', async (by) => {
  await using server = await telling(by, identities.good);
  await using relay = await openTestRelay(server.port);
  const told = Promise.withResolvers<string>();
  const link = openLink(
    {
      adapter: adapterOf(by),
      address: await resolveTarget(`wss://127.0.0.1:${relay.port}/`),
      poll: { originNs: monotonicNs(), intervalNs: 60e9 },
      last: () => 0,
      limits: USUAL_LIMITS,
    },
    {
      opened: () => undefined,
      came: ({ text }) => told.resolve(text),
      answered: () => undefined,
      reopened: () => undefined,
      ended: ({ code }) => told.reject(new TypeError(code)),
    },
  );
  expect(await told.promise).toBe('1');
  // A certificate and two key shares, to begin with.
  await expect.poll(() => relay.bytesDown).toBeGreaterThan(700);
  await expect.poll(() => link.bytesRead - relay.bytesDown).toBe(0);
  await expect.poll(() => link.bytesWritten - relay.bytesUp).toBe(0);
  link.close();
});

const WRONG = [
  ['stranger', /nobody whom this machine trusts .*: set NODE_EXTRA_CA_CERTS to a file/],
  ['expired', /its certificate has expired: have it renewed/],
  ['elsewhere', /its certificate is of another name: give --target a name/],
] as const;

test.each(KINDS.flatMap((by) => WRONG.map(([who, line]) => ({ by, who, line }))))(
  'to $by one that shows a certificate of $who is told in a line',
  async ({ by, who, line }) => {
    await using server = await telling(by, identities[who]);
    await expect(rehearsed(by, server.port)).rejects.toMatchObject({
      code: 'target-unreachable',
      message: expect.stringMatching(line) as string,
    });
  },
);

test.each(KINDS)('to %s a server without TLS is told so, and one that is not there', async (by) => {
  const plain = await listening(createPlainServer());
  const { port } = plain;
  await expect(rehearsed(by, port)).rejects.toThrow(/it does not speak TLS there: begin --target with ws: or http:/);
  await plain[Symbol.asyncDispose]();
  await expect(rehearsed(by, port)).rejects.toThrow(/nobody answers at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
});
