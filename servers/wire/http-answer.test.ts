import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { routeMessages } from './http-answer.ts';

const DOOR_OPTIONS = { values: {}, holdMs: 1000, sendBufferBytes: 1000, slowMs: 200, closeMs: 1000, origins: [] };

test('a large answer ends its connection when the client takes nothing of it for a time, not before', async () => {
  // More than the systems between take.
  const body = Buffer.alloc(32 * 1024 * 1024);
  const app = Fastify();
  routeMessages({ app, options: DOOR_OPTIONS }, async () => body);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const connection = once(app.server, 'connection') as Promise<[Socket]>;
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const [serverSide] = await connection;
  const closed = once(serverSide, 'close');
  client.write('GET /messages HTTP/1.1\r\nHost: node\r\n\r\n');
  await once(client, 'data');
  client.pause();
  await closed;
  client.resume();
  client.on('error', () => undefined);
  await once(client, 'close');
  expect(client.bytesRead).toBeLessThan(body.length);
  await app.close();
});
