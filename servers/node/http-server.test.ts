import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { cadenceOf, TRANSPORT_IDS, TRANSPORTS } from '../registry.ts';
import { HTTP_DOORS } from '../answering/testing/test-follower.ts';
import { openTestNode } from '../testing/test-node.ts';
import { createHttpServer } from './http-server.ts';
import { subscribe } from '../testing/test-subscriber.ts';

/** What every door has of HTTP, whatever its transport. */

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Not `once`, which rejects where the connection was reset. */
async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}

/** All that a server says to `head` until it ends the connection. */
async function lastWords(port: number, head: string): Promise<string> {
  const socket = await connected(port);
  let said = '';
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  socket.write(head);
  await closed(socket);
  return said;
}

const rows = TRANSPORT_IDS.map((transport) => ({ transport }));
const isPolled = rows.filter(({ transport }) => cadenceOf({ transport, values: {} }) !== 'push');

describe.each(rows)('on a $transport node', ({ transport }) => {
  const feedPath = TRANSPORTS[transport].path;

  test.each(['/health', feedPath])('another method on %s is 405, with those that there are', async (path) => {
    await using node = await openTestNode({ transport });
    const url = `http://127.0.0.1:${node.port}${path}`;
    const options = await fetch(url, { method: 'OPTIONS' });
    const allowed = options.headers.get('allow') ?? '';
    expect([options.status, allowed]).toEqual([204, expect.stringMatching(/^GET, (POST, )?HEAD, (POST, )?OPTIONS$/)]);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'QUERY', 'PROPFIND', 'PURGE']) {
      if (allowed.includes(method)) continue;
      const answer = await fetch(url, {
        method,
        ...(method === 'POST' && { body: new URLSearchParams({ a: 'b' }) }),
      });
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, allowed]);
      expect(await answer.json()).toEqual({ error: `${path} takes ${allowed}, not ${method}` });
    }
  });

  test('a connection is kept for as long as the longest interval of polls', async () => {
    // Timers of Node's end at 2^31 ms; a poll interval may be a week.
    await using node = await openTestNode({ transport, keepAliveMs: 907_200_000 });
    const answer = await fetch(`http://127.0.0.1:${node.port}/health`);
    expect(answer.headers.get('keep-alive')).toBe('timeout=907200');
    await answer.text();
  });

  test('another path is 404, with those that there are', async () => {
    await using node = await openTestNode({ transport });
    const answer = await fetch(`http://127.0.0.1:${node.port}/feed?since=0`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: `there is nothing at /feed; there is ${['/health', '/presence', feedPath].join(', ')}`,
    });
  });

  test.each([
    ['a head that does not end', 'GET /health HTTP/1.1\r\nHost: node\r\nX-Slow: '],
    ['nothing at all', ''],
    ['a body that never comes', 'GET /health HTTP/1.1\r\nHost: node\r\nContent-Length: 10\r\n\r\n'],
    [
      'a body that never comes, in chunks',
      'GET /health HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    ],
    ['a body that is not waited for', 'POST /health HTTP/1.1\r\nHost: node\r\nContent-Length: 10\r\n\r\n'],
  ])('%s ends the connection, and nobody else is disturbed', REAL_TIME, async (_name, head) => {
    await using node = await openTestNode({ transport, requestMs: 300 });
    const subscriber = await subscribe({ transport, port: node.port });
    const said = await lastWords(node.port, head);
    expect(said).toMatch(head.startsWith('POST') ? /^HTTP\/1\.1 405 / : /HTTP\/1\.1 408 /);
    await node.append('still there');
    await subscriber.untilSeq(1);
    expect(subscriber.lostReason).toBeUndefined();
    subscriber.close();
  });

  test('a head that drips in does not gain time by it', REAL_TIME, async () => {
    await using node = await openTestNode({ transport, requestMs: 400 });
    const socket = await connected(node.port);
    socket.write('GET /health HTTP/1.1\r\nHost: node\r\n');
    const drip = setInterval(() => socket.write('X-More: 1\r\n'), 20);
    socket.resume();
    await closed(socket);
    clearInterval(drip);
    expect(socket.destroyed).toBe(true);
  });

  test.each([
    ['a head beyond 16 KiB', `GET /health HTTP/1.1\r\nHost: node\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['what is no HTTP', 'EHLO node\r\n\r\n', 400],
    ['two lengths', 'POST /health HTTP/1.1\r\nHost: node\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ])('%s is refused', async (_name, head, status) => {
    await using node = await openTestNode({ transport, requestMs: 1000 });
    expect(await lastWords(node.port, head)).toContain(`HTTP/1.1 ${status} `);
  });

  test.each(['/%zz?token=a.b.c', 'http://[a.b.c/messages'])('%s is no target, and not repeated', async (target) => {
    await using node = await openTestNode({ transport });
    const answer = await lastWords(node.port, `GET ${target} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('HTTP/1.1 400 ');
    expect(answer).toContain('{"error":"the target of the request is no URL');
    expect(answer).not.toContain('a.b.c');
  });
});

describe('pages of other servers', () => {
  const stranger = { Origin: 'https://evil.example' };
  const friend = { Origin: 'https://app.example' };

  test.each(rows)('may not ask a $transport node, and are told what would allow it', async ({ transport }) => {
    await using node = await openTestNode({ transport });
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await fetch(`http://127.0.0.1:${node.port}/health`, { method, headers: stranger });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(await answer.json()).toEqual({
        error: `a page of Origin https://evil.example may not ask here, which is Host 127.0.0.1:${node.port}; a node opens itself to it with --origin https://evil.example`,
      });
    }
  });

  test.each(isPolled)('may ask a $transport node that is open to them', async ({ transport }) => {
    await using node = await openTestNode({ transport, origins: ['https://app.example', 'https://other.example'] });
    await node.append('first');
    const url = `http://127.0.0.1:${node.port}${TRANSPORTS[transport].path}`;
    const answer = await fetch(url, { headers: friend });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(answer.headers.get('vary')).toBe('Origin');
    expect(await answer.json()).toHaveLength(1);
    const refused = await fetch(url, { headers: stranger });
    expect(refused.status).toBe(403);
    // Errors can be read by the page too.
    const bad = await fetch(`${url}?since=soon`, { headers: friend });
    expect([bad.status, bad.headers.get('access-control-allow-origin')]).toEqual([400, 'https://app.example']);
  });

  test('are told by a preflight what they may do', async () => {
    await using node = await openTestNode({ transport: 'polling', origins: ['*'] });
    const answer = await fetch(`http://127.0.0.1:${node.port}/messages`, {
      method: 'OPTIONS',
      headers: { ...friend, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'x-trace' },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-allow-headers': 'x-trace',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
  });

  test.each(HTTP_DOORS)(
    'may say something at a %s node that is open to them, and others nothing',
    async (transport) => {
      await using node = await openTestNode({ transport, origins: ['https://app.example'] });
      const url = `http://127.0.0.1:${node.port}${TRANSPORTS[transport].path}?user=ann`;
      const preflight = await fetch(url, {
        method: 'OPTIONS',
        headers: {
          ...friend,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type',
        },
      });
      expect(Object.fromEntries(preflight.headers)).toMatchObject({
        'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
        'access-control-allow-headers': 'authorization,content-type',
        'access-control-allow-credentials': 'true',
      });
      const body = '{"type":"send","channel":"room:1","data":"hello"}';
      const said = await fetch(url, { method: 'POST', headers: friend, body });
      expect([said.status, said.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example']);
      // A form of any page can send a text, and cookies with it: it is the node that has to look who asks.
      const refused = await fetch(url, { method: 'POST', headers: stranger, body });
      expect(refused.status).toBe(403);
      expect(node.appended).toBe(1);
    },
  );

  test('show no cookies where every page may ask', async () => {
    await using node = await openTestNode({ transport: 'polling', origins: ['*'] });
    const answer = await fetch(`http://127.0.0.1:${node.port}/messages`, { headers: friend });
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('programs, which send no Origin, get no headers about it', async () => {
    await using node = await openTestNode({ transport: 'polling', origins: ['*'] });
    const answer = await fetch(`http://127.0.0.1:${node.port}/messages`);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('vary')).toBeNull();
  });
});

test('an answer that a door streams by itself says that the page may read it', async () => {
  const { app } = createHttpServer({
    keepAliveMs: 1000,
    requestMs: 1000,
    heartbeatMs: 1000,
    mostConnections: 100,
    http: '1.1',
    origins: ['https://app.example'],
  });
  app.get('/stream', async (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.end('data: 1\n\n');
    return reply;
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await fetch(`${address}/stream`, { headers: { Origin: 'https://app.example' } });
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect(await answer.text()).toBe('data: 1\n\n');
  await app.close();
});
