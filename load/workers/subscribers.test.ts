import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { type Bin, mergeBins, Recorder } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { type TransportId, transportRow } from '../../servers/registry.ts';
import { Subscribers } from './subscribers.ts';

interface Recorded {
  readonly subscribers: Subscribers;
  /** All that was counted, in one bin of an hour. */
  readonly counted: () => Bin['counters'];
}

/** So many subscribers of a server, connected. */
async function ramped(transport: TransportId, port: number, count: number): Promise<Subscribers> {
  const subscribers = new Subscribers({
    transport,
    targets: [{ host: '127.0.0.1', port }],
    sessions: Array.from({ length: count }, (_, client) => ({
      client,
      target: { host: '127.0.0.1', port },
      pollOriginNs: monotonicNs(),
    })),
    pollIntervalNs: 5 * NS_PER_MS,
    values: { headers: 'minimal' },
    feed: {
      feed: { kind: 'fixed', messagesPerSecond: 1 },
      payload: { kind: 'stock-prices', bytes: 200 },
      seed: 1,
      durationNs: NS_PER_SECOND,
      messages: 1,
    },
  });
  await subscribers.ramp(async (id) => (await transportRow(id).client()).openSession);
  return subscribers;
}

/** The same, recording. */
async function connected(transport: TransportId, port: number, count: number): Promise<Recorded> {
  const subscribers = await ramped(transport, port, count);
  const bins = { originNs: monotonicNs(), binNs: 3600 * NS_PER_SECOND, count: 1 };
  const recorder = new Recorder(bins);
  subscribers.record(recorder, bins);
  return { subscribers, counted: () => mergeBins(recorder.snapshot()).counters };
}

async function openWebSocketServer(onClient: (client: WebSocket, index: number) => void): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  let clients = 0;
  server.on('connection', (client) => {
    clients += 1;
    onClient(client, clients);
  });
  await once(server, 'listening');
  return server;
}

function portOf(server: WebSocketServer | Server): number {
  return (server.address() as AddressInfo).port;
}

test('sessions that end are counted by how they ended, and told once for each way', async () => {
  const clients: WebSocket[] = [];
  const server = await openWebSocketServer((client) => clients.push(client));
  const { subscribers, counted } = await connected('websocket', portOf(server), 4);
  for (const [index, client] of clients.entries()) {
    if (index < 3) client.close(1008, `client ${index} is too slow`);
    else client.terminate();
  }
  while ((counted().unexpectedCloses ?? 0) < 4) await setImmediate();
  expect(subscribers.ends).toEqual([
    { end: { code: 'websocket-close', closeCode: 1008, text: 'client 0 is too slow' }, count: 3 },
    { end: { code: 'connection-closed' }, count: 1 },
  ]);
  // They do not come back, so they are away for good.
  expect(subscribers.absences.map(({ tries, backNs }) => [tries, backNs])).toEqual(clients.map(() => [0, null]));
  subscribers.close();
  server.close();
});

test('what is foreign is counted each time, and said once in words that cannot do harm', async () => {
  const server = await openWebSocketServer((client) => client.send(`\u001b[2Jhello ${'x'.repeat(5000)}`));
  const { subscribers } = await connected('websocket', portOf(server), 3);
  while (subscribers.audit(0).foreign < 3) await setImmediate();
  expect(subscribers.foreign).toMatch(/^the server sent text that is no message, beginning with \\u001b\[2Jhello x+$/);
  expect(subscribers.foreign?.length).toBeLessThan(200);
  subscribers.close();
  for (const client of server.clients) client.terminate();
  server.close();
});

test('a connection that ends as HTTP has it is a reconnect and no end', async () => {
  let answers = 0;
  const server = createServer((_request, response) => {
    answers += 1;
    response.setHeader('connection', 'close').end('[]');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { subscribers, counted } = await connected('polling', portOf(server), 2);
  while ((counted().reconnects ?? 0) < 6) await setImmediate();
  subscribers.close();
  expect(subscribers.ends).toEqual([]);
  expect(counted().unexpectedCloses).toBeUndefined();
  expect(counted().answers).toBeGreaterThanOrEqual(4);
  expect(answers).toBeGreaterThanOrEqual(6);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test.each(['websocket', 'polling'] as const)(
  'bytes that come before the clock of an edge are of the bin after it: %s',
  async (transport) => {
    const message = encodeMessage(1, encodeBody(1, 2, '1'));
    const server = createServer((_request, response) => response.end(`[${message.toString()}]`));
    const pushing = new WebSocketServer({ server });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const subscribers = await ramped(transport, portOf(server), 1);
    // The second bin is under way, and nobody has ended the first.
    const bins = { originNs: monotonicNs() - 3600 * NS_PER_SECOND, binNs: 3000 * NS_PER_SECOND, count: 2 };
    const recorder = new Recorder(bins);
    subscribers.record(recorder, bins);
    for (const client of pushing.clients) client.send(message, { binary: false });
    while ((recorder.snapshot()[1]?.counters.deliveries ?? 0) < 1) await setImmediate();
    subscribers.endBins(bins.originNs + bins.count * bins.binNs);
    const [before, after] = recorder.snapshot();
    expect(before?.counters.transportBytesDown ?? 0).toBe(0);
    expect(after?.counters.transportBytesDown).toBeGreaterThan(message.length);
    subscribers.close();
    for (const client of pushing.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  },
);

test('a ramp that fails says why', async () => {
  const server = await openWebSocketServer((client) => client.terminate());
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  await expect(connected('websocket', port, 1)).rejects.toMatchObject({
    code: 'ramp-failed',
    message: 'the server cannot be reached (ECONNREFUSED)',
  });
});
