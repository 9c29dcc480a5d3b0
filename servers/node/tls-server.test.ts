import { once } from 'node:events';
import { get, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { newAuthority, type ThrowAwayAuthority } from '../../scenarios/tls/authority.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';

/** What a node over TLS has besides what every node has. */

const HOST = '127.0.0.1';
let trust: ThrowAwayAuthority;

beforeAll(async () => {
  trust = await newAuthority([HOST]);
});

async function openTlsNode(options: { readonly mostConnections?: number } = {}): Promise<TestNode> {
  return openTestNode({ transport: 'polling', tls: trust.server, ...options });
}

async function secure(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: HOST, port, ca: trust.authority, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

interface Asked {
  readonly status: number | undefined;
  readonly body: string;
}

async function ask(port: number, path: string, options: RequestOptions = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    get({ host: HOST, port, path, ca: trust.authority, agent: false, ...options }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => (body += part));
      answer.once('end', () => resolve({ status: answer.statusCode, body }));
    }).once('error', reject);
  });
}

/** Not `once`, which rejects where the connection was reset. */
async function closed(socket: { once(event: 'close', then: () => void): unknown }): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}

test('it answers over TLS 1.3 who trusts its authority, and nobody else', async () => {
  await using node = await openTlsNode();
  await node.append('hello');
  const { status, body } = await ask(node.port, '/messages?since=0');
  expect(status).toBe(200);
  expect(body).toContain('"data":"hello"');
  await expect(secure(node.port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/);
  const { authority: stranger } = await newAuthority([HOST]);
  await expect(ask(node.port, '/health', { ca: stranger })).rejects.toMatchObject({ code: 'CERT_SIGNATURE_FAILURE' });
  const plain = connect(node.port, HOST).on('error', () => undefined);
  plain.write('GET /health HTTP/1.1\r\nHost: node\r\n\r\n');
  let said = '';
  plain.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')));
  await closed(plain);
  expect(said).not.toContain('HTTP');
});

test('who comes when there is no room any more is told so over TLS too', async () => {
  await using node = await openTlsNode({ mostConnections: 1 });
  const first = await secure(node.port);
  expect((await ask(node.port, '/health')).status).toBe(503);
  first.destroy();
  await expect.poll(async () => (await ask(node.port, '/health')).status).toBe(200);
});

test('a node that closes does not wait for a handshake that does not go on', async () => {
  const node = await openTlsNode();
  const silent = connect(node.port, HOST).on('error', () => undefined);
  await once(silent, 'connect');
  // By now it is there: another that came later is.
  (await secure(node.port)).destroy();
  const ended = closed(silent);
  await node.close();
  await ended;
  expect(silent.destroyed).toBe(true);
});

test('a session goes on at another node with the same key for tickets, and at no other', async () => {
  await using first = await openTlsNode();
  await using second = await openTlsNode();
  await using stranger = await openTestNode({ transport: 'polling', tls: { ...trust.server, ticketKey: undefined } });
  const socket = connectTls({ host: HOST, port: first.port, ca: trust.authority });
  const [session] = (await once(socket, 'session')) as [Buffer];
  socket.destroy();
  const reused = await Promise.all(
    [first, second, stranger].map(async ({ port }) => {
      const again = await secure(port, { session });
      const isReused = again.isSessionReused();
      again.destroy();
      return isReused;
    }),
  );
  expect(reused).toEqual([true, true, false]);
});
