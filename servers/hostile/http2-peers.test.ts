import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openTestNode, type TestNode, type TestNodeOptions } from '../testing/test-node.ts';
import { numbers, subscribe } from '../testing/test-subscriber.ts';

/** What peers over HTTP/2 may do to a node: others are served meanwhile, and nothing is kept of those who go. */

const TRANSPORTS = ['polling', 'long-polling', 'sse', 'websocket'] as const;
const PUSHED = {
  sse: { ':path': '/events?since=0' },
  websocket: {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':path': '/ws?since=0',
    'sec-websocket-version': '13',
  },
} as const;

async function open(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
  return openTestNode({ transports: [...TRANSPORTS], http: '2', ...options });
}

async function begin(node: TestNode, settings = {}): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${node.port}`, { settings });
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  return session;
}

function ask(session: ClientHttp2Session, fields: Record<string, string>): ClientHttp2Stream {
  const stream = session.request(fields, { endStream: fields[':method'] === undefined });
  stream.on('error', () => undefined);
  return stream;
}

async function statusOf(stream: ClientHttp2Stream): Promise<number | undefined> {
  const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
  return answer[':status'];
}

/** Somebody else gets the feed, and the node closes without being forced. */
async function expectWell(node: TestNode): Promise<void> {
  const first = await node.append('to somebody else');
  const other = await subscribe({
    transport: 'websocket',
    port: node.port,
    position: { kind: 'after', seq: first - 1 },
  });
  await other.untilSeq(first);
  expect(other.sequence).toEqual([first]);
  other.close();
  await node.close();
}

test('streams that are reset mid-way leave nothing, and their connection is good for others', async () => {
  await using node = await open();
  await Promise.all(numbers(1, 200).map(async () => node.append('x'.repeat(10_000))));
  const session = await begin(node);
  for (const path of ['/messages?since=0', '/next?since=0', '/next?since=200', '/events?since=0']) {
    const stream = ask(session, { ':path': path });
    if (path !== '/next?since=200') await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    await once(stream, 'close');
  }
  const upgraded = ask(session, PUSHED.websocket);
  expect(await statusOf(upgraded)).toBe(200);
  upgraded.close(constants.NGHTTP2_CANCEL);
  expect(await statusOf(ask(session, { ':path': '/messages?since=200' }))).toBe(200);
  session.destroy();
  await expectWell(node);
});

test('a connection that is cut takes its streams along', async () => {
  await using node = await open({ heartbeatMs: 3_600_000 });
  const socket = connectTcp(node.port, '127.0.0.1');
  const session = connect(`http://127.0.0.1:${node.port}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  const streams = [ask(session, PUSHED.sse), ask(session, { ':path': '/next?since=0&user=ann' })];
  await statusOf(streams[0] ?? ask(session, PUSHED.sse));
  // The peer has ended, and says nothing more: half of a connection is none here.
  socket.end();
  await once(socket, 'close');
  await expectWell(node);
});

test('streams beyond the bound wait or are refused, and those below are answered', async () => {
  await using node = await open();
  const session = await begin(node);
  expect(session.remoteSettings.maxConcurrentStreams).toBe(100);
  const held = numbers(1, 250).map(() => ask(session, { ':path': '/next?since=0' }));
  const answers = Promise.all(held.slice(0, 100).map(statusOf));
  await node.append('for all of them');
  expect(new Set(await answers)).toEqual(new Set([200]));
  session.destroy();
  await expectWell(node);
});

describe.each(['sse', 'websocket'] as const)('%s with a window that is never opened again', (transport) => {
  test('is ended when nothing was taken for the time that a client has, and kept no more than the bound', async () => {
    await using node = await open({ slowMs: 200, sendBufferBytes: 64 * 1024, closeMs: 300 });
    const session = await begin(node, { initialWindowSize: 1000 });
    const stream = ask(session, PUSHED[transport]);
    expect(await statusOf(stream)).toBe(200);
    // Nobody reads: the window stays as it is.
    await Promise.all(numbers(1, 100).map(async () => node.append('x'.repeat(10_000))));
    await node.until(({ slowConsumers }) => slowConsumers === 1);
    if (!stream.closed) await once(stream.resume(), 'close');
    session.destroy();
    await expectWell(node);
  });
});

test('a body that does not come whole in time ends its stream, and no other', async () => {
  await using node = await open({ requestMs: 200 });
  const session = await begin(node);
  const stream = session.request({ ':method': 'POST', ':path': '/messages?user=ann', 'content-length': '100' });
  stream.on('error', () => undefined);
  stream.write('{"type":');
  const status = await statusOf(stream);
  expect(status).toBe(408);
  expect(await statusOf(ask(session, { ':path': '/messages?since=0' }))).toBe(200);
  session.destroy();
  await expectWell(node);
});

test('who says nothing, or half of the preface, is cut off, and holds no node back from closing', async () => {
  await using node = await open({ requestMs: 150 });
  const [silent, half] = [connectTcp(node.port, '127.0.0.1'), connectTcp(node.port, '127.0.0.1')];
  half.write('PRI * HT');
  await Promise.all([once(silent.resume(), 'close'), once(half.resume(), 'close')]);
  const later = connectTcp(node.port, '127.0.0.1');
  await once(later, 'connect');
  await expectWell(node);
});
