import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from './http-server.ts';

let server: HttpServer;

afterEach(async () => server.app.close());

/** A server that takes upgrades at /ws and below /sockets/, and says which it took. */
async function open(): Promise<void> {
  server = createHttpServer({
    keepAliveMs: 1000,
    requestMs: 1000,
    heartbeatMs: 1000,
    mostConnections: 100,
    http: '1.1',
    origins: ['https://app.example'],
  });
  for (const path of ['/ws', '/sockets/']) {
    server.onUpgrade(path, ({ url = '' }, socket, head) => {
      if (url.endsWith('?full')) return { status: 400, error: 'no room', headers: ['Retry-After: 5'] };
      socket.end(`${path} took ${url} and ${head.toString()}`);
      return undefined;
    });
  }
  server.app.route({ method: ['GET', 'POST'], url: '/sockets/*', handler: async () => 'polled' });
  await server.app.listen({ port: 0, host: '127.0.0.1' });
}

function portOf(app: FastifyInstance): number {
  return (app.server.address() as AddressInfo).port;
}

/** What is said to an upgrade until the connection ends; behind its head stands `early`. */
async function upgrade(path: string, fields: readonly string[] = [], early = ''): Promise<string> {
  const socket = connect(portOf(server.app), '127.0.0.1');
  await once(socket, 'connect');
  const fixed = ['Host: node', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const head = [`GET ${path} HTTP/1.1`, ...fixed, ...fields, '', ''];
  socket.write(`${head.join('\r\n')}${early}`);
  return text(socket);
}

async function status(path: string, options: RequestInit = {}): Promise<{ status: number; allow: string | null }> {
  const answer = await fetch(`http://127.0.0.1:${portOf(server.app)}${path}`, options);
  await answer.text();
  return { status: answer.status, allow: answer.headers.get('allow') };
}

test('go to who stands at their path, with what came behind them', async () => {
  await open();
  expect(await upgrade('/ws?since=1', [], 'early')).toBe('/ws took /ws?since=1 and early');
  expect(await upgrade('/sockets/?EIO=4')).toBe('/sockets/ took /sockets/?EIO=4 and ');
  expect(await upgrade('/sockets/deeper')).toBe('/sockets/ took /sockets/deeper and ');
});

test('that nobody takes are requests like any other', async () => {
  await open();
  for (const path of ['/', '/ws/deeper', '/wsx', '/sockets', '//', '*']) {
    const answer = await upgrade(path, ['Connection: close']);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('there is /ws, /sockets/"');
  }
});

test('are refused as who stands there says', async () => {
  await open();
  expect(await upgrade('/ws?full')).toBe(
    'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nRetry-After: 5\r\n' +
      'Content-Type: application/json; charset=utf-8\r\nContent-Length: 19\r\n\r\n{"error":"no room"}',
  );
});

test('of pages that may not ask are refused, whoever stands there', async () => {
  await open();
  for (const path of ['/ws', '/sockets/']) {
    expect(await upgrade(path, ['Origin: https://evil.example'])).toMatch(
      /^HTTP\/1\.1 403 .*evil\.example may not ask/s,
    );
    expect(await upgrade(path, ['Origin: https://app.example'])).toContain(`${path} took`);
    expect(await upgrade(path, ['Origin: http://node'])).toContain(`${path} took`);
  }
});

test('are refused while the node closes', async () => {
  await open();
  server.refuseUpgrades();
  for (const path of ['/ws', '/sockets/']) {
    expect(await upgrade(path)).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n.*{"error":"shutting down"}$/s);
  }
});

test('are asked for where nothing else is, and not where there is something else', async () => {
  await open();
  expect(await status('/ws')).toMatchObject({ status: 426 });
  expect(await status('/ws', { method: 'POST' })).toEqual({ status: 405, allow: 'GET, HEAD, OPTIONS' });
  expect(await status('/sockets/?EIO=4')).toMatchObject({ status: 200 });
  expect(await status('/sockets/', { method: 'POST' })).toMatchObject({ status: 200 });
  expect(await status('/sockets/', { method: 'PUT' })).toEqual({ status: 405, allow: 'GET, POST, HEAD, OPTIONS' });
});
