import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventSource } from 'eventsource';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { Hub } from '../hub/hub.ts';
import { Log } from '../feed/log.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { openTestServer } from '../testing/test-server.ts';
import { bodyOf, numbers, subscribe } from '../testing/test-subscriber.ts';
import { openDoor as serveEvents } from './server.ts';

/** The door as clients see it that share no code with it. */

async function openDoor(options: Partial<Parameters<typeof openTestNode>[0]> = {}): Promise<TestNode> {
  return openTestNode({ transports: ['sse'], ...options });
}

function url(node: { readonly port: number }, query = ''): string {
  return `http://127.0.0.1:${node.port}/events${query}`;
}

async function ask(node: TestNode, headers: Record<string, string>, query = ''): Promise<Response> {
  return fetch(url(node, query), { headers });
}

/** What comes until `end` has come. */
async function readUntil(response: Response, end: string | RegExp): Promise<string> {
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (text.search(end) < 0) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
    text += value;
  }
  await reader?.cancel();
  return text;
}

/** A connection without an HTTP client. */
class RawConnection {
  said = '';
  readonly socket: Socket;

  constructor(port: number, request: string) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (chunk: string) => (this.said += chunk));
    this.socket.on('error', () => undefined);
    this.socket.write(request);
  }

  async until(end: string): Promise<string> {
    while (!this.said.includes(end)) await once(this.socket, 'data');
    return this.said;
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.said;
  }
}

interface Stand extends AsyncDisposable {
  readonly port: number;
  readonly slowConsumers: number;
  append(data: string): void;
  connections(): Promise<number>;
}

/** The door on a server whose connections can be counted. */
async function openStand(): Promise<Stand> {
  const app = Fastify();
  const log = new Log({ messages: 100, bytes: 1e9 });
  const values = {};
  const bounds = {
    holdMs: 1000,
    sendBufferBytes: 1,
    slowMs: 300,
    closeMs: 1000,
    heartbeatMs: 30_000,
    authMs: 5000,
    sharedForMs: 1000,
  };
  let slowConsumers = 0;
  const door = serveEvents({
    app,
    log,
    hub: new Hub({ log, conversation: undefined, newest: undefined, verifier: undefined, awayMs: 60_000 }),
    options: { values, ...bounds },
    feedIdentity: 'test',
    onSlowConsumer: () => (slowConsumers += 1),
    onOriginRead: () => undefined,
    onUpgrade: () => undefined,
    isBeyond: () => false,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: (app.server.address() as AddressInfo).port,
    get slowConsumers() {
      return slowConsumers;
    },
    append: (data) => log.append(log.latest + 1, bodyOf(data)),
    connections: async () => promisify(app.server.getConnections.bind(app.server))(),
    [Symbol.asyncDispose]: async () => {
      await door.drain('for-good');
      await app.close();
    },
  };
}

/** The client reads nothing, until the node has had enough of it. */
async function stall(node: TestNode, { socket }: RawConnection): Promise<void> {
  socket.pause();
  while (node.slowConsumers === 0) {
    await node.append('x'.repeat(100_000));
    await setImmediate();
  }
}

const GET = 'GET /events HTTP/1.1\r\nHost: node\r\n\r\n';

describe('EventSource', () => {
  test('has every message with its number as id, and goes on after the last one', REAL_TIME, async () => {
    await using node = await openDoor();
    await using relay = await openTestRelay(node.port);
    const asked: (string | null)[] = [];
    const source = new EventSource(url(relay, '?since=1'), {
      fetch: async (input, init) => {
        asked.push(new Headers(init.headers).get('last-event-id'));
        return fetch(input, init);
      },
    });
    const heard: [string, number][] = [];
    const heardAll = Promise.withResolvers<undefined>();
    source.addEventListener('message', ({ data, lastEventId }: { data: string; lastEventId: string }) => {
      heard.push([lastEventId, (JSON.parse(data) as { seq: number }).seq]);
      if (heard.length === 4) relay.cut();
      if (heard.length === 9) heardAll.resolve(undefined);
    });
    for (let index = 0; index < 5; index++) await node.append({ index });
    await once(source, 'error');
    for (let index = 5; index < 10; index++) await node.append({ index });
    await heardAll.promise;
    source.close();
    expect(heard).toEqual(numbers(2, 10).map((seq) => [String(seq), seq]));
    expect(asked).toEqual([null, '5']);
  });

  test('is told to come back where a stream ends, by no status that it gives up at', async () => {
    const node = await openDoor();
    const source = new EventSource(url(node));
    await once(source, 'open');
    const ended = once(source, 'error');
    await node.close();
    await ended;
    expect(source.readyState).toBe(source.CONNECTING);
    source.close();
  });
});

describe('where a client goes on', () => {
  test('is what its header says before what its query says', async () => {
    await using node = await openDoor();
    for (let index = 0; index < 5; index++) await node.append({ index });
    const first = async (headers: Record<string, string>, query: string): Promise<string | undefined> =>
      /^id: (\d+)$/m.exec(await readUntil(await ask(node, headers, query), /^id: \d+\n/m))?.[1];
    expect(await first({ 'Last-Event-ID': '3' }, '?since=1')).toBe('4');
    expect(await first({ 'Last-Event-ID': '1' }, '?since=3')).toBe('2');
    expect(await first({ 'Last-Event-ID': '2' }, '')).toBe('3');
    expect(await first({ 'Last-Event-ID': '' }, '?since=2')).toBe('3');
    expect(await first({}, '?since=4')).toBe('5');
  });

  test.each([
    ['?since=soon', {}],
    ['?since=', {}],
    ['?since=1&since=2', {}],
    ['?since=-1', { 'Last-Event-ID': '5' }],
    ['?since=1', { 'Last-Event-ID': 'soon' }],
    ['', { 'Last-Event-ID': '1, 2' }],
    ['', { 'Last-Event-ID': '1e3' }],
  ])('is 400 in %s with %o', async (query, headers: Record<string, string>) => {
    await using node = await openDoor();
    const answer = await ask(node, headers, query);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('since=17') as unknown });
  });

  test('after a notice is where the feed goes on', async () => {
    await using node = await openDoor({ logMessages: 3 });
    for (let index = 0; index < 8; index++) await node.append({ index });
    expect(await readUntil(await ask(node, {}), '"seq":8')).toMatch(
      /^id: 5\ndata: {"notice":"gap","from":1,"to":5}\n\nid: 6\ndata: {"seq":6,/,
    );
    expect(await readUntil(await ask(node, { 'Last-Event-ID': '99' }), '\n\n')).toBe(
      'id: 8\ndata: {"notice":"reset","latest":8}\n\n',
    );
  });

  test('is the beginning after the reset of a feed that has none yet', async () => {
    await using node = await openDoor();
    expect(await readUntil(await ask(node, { 'Last-Event-ID': '99' }), '\n\n')).toMatch(/^id: 0\n/);
  });
});

describe('the answer', () => {
  test('says that nobody may keep it, or hold it back', async () => {
    await using node = await openDoor();
    const answer = await ask(node, {});
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    await answer.body?.cancel();
  });

  test('to HEAD is its head', async () => {
    await using node = await openDoor();
    await node.append('first');
    const answer = await fetch(url(node), { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/event-stream',
      '',
    ]);
  });

  test('to HTTP/1.0 has no chunks', async () => {
    await using node = await openDoor();
    const client = new RawConnection(node.port, 'GET /events HTTP/1.0\r\n\r\n');
    await client.until('\r\n\r\n');
    await node.append('first');
    expect(await client.until('\n\n')).toMatch(/\r\n\r\nid: 1\ndata: {"seq":1,.*}\n\n$/s);
    client.socket.destroy();
  });

  test('has an event a chunk, whose frame is what the registry says', async () => {
    await using node = await openDoor();
    for (let seq = 1; seq < 1000; seq++) await node.append('');
    const client = new RawConnection(node.port, GET.replace('/events', '/events?since=999'));
    await client.until('\r\n\r\n');
    await node.append('x'.repeat(100));
    const said = await client.until('\n\n\r\n');
    const chunk = said.slice(said.indexOf('\r\n\r\n') + 4);
    const message = /^data: (.*)$/m.exec(chunk)?.[1] ?? '';
    expect(chunk.length - message.length).toBe(23);
    client.socket.destroy();
  });

  test('comes behind that of another request which is not answered yet', async () => {
    await using node = await openDoor();
    const client = new RawConnection(node.port, GET.replace('/events', '/health') + GET);
    expect(await client.until('text/event-stream')).toMatch(/^HTTP\/1\.1 200 .*\{"ready":true.*HTTP\/1\.1 200 /s);
    client.socket.destroy();
  });

  test('is the last on its connection', async () => {
    await using node = await openDoor();
    const client = new RawConnection(node.port, GET + GET);
    await client.until('\r\n\r\n');
    await node.append('first');
    await client.until('"seq":1');
    await node.close();
    expect(await client.closed()).toMatch(/0\r\n\r\n$/);
    expect(client.said.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('what a client is told to wait', () => {
  const told = async (retry?: 'none' | 'fixed' | 'random'): Promise<string | undefined> => {
    await using node = await openDoor(retry === undefined ? {} : { values: { retry } });
    await node.append('first');
    return /retry: (\d+)\n\n/.exec(await readUntil(await ask(node, {}), '"seq":1'))?.[1];
  };

  test('is nothing, unless it is asked for', async () => {
    expect([await told(), await told('none')]).toEqual([undefined, undefined]);
  });

  test('is fixed', async () => {
    expect([await told('fixed'), await told('fixed')]).toEqual(['3000', '3000']);
  });

  test('is random, from one to five seconds', async () => {
    await using node = await openDoor({ values: { retry: 'random' } });
    const waits = await Promise.all(
      numbers(1, 100).map(async () => {
        const beginning = await readUntil(await ask(node, {}), '\n\n');
        return Number(/^retry: (\d+)\n\n$/.exec(beginning)?.[1]);
      }),
    );
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(1000);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(5000);
    expect(new Set(waits).size).toBeGreaterThan(50);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(2000);
  });
});

describe('gzip', () => {
  const values = { compression: 'gzip' } as const;

  test('is for those who read it, where the node compresses, event by event', async () => {
    await using node = await openDoor({ values });
    await using plainNode = await openDoor();
    const codings: (string | null)[] = [];
    for (const [place, accepts] of [
      [node, 'br, gzip;q=0.5'],
      [node, 'identity'],
      [node, 'gzip;q=0'],
      [plainNode, 'gzip'],
    ] as const) {
      const answer = await ask(place, { 'Accept-Encoding': accepts });
      await place.append('x');
      // It is there though others follow, or none.
      expect(await readUntil(answer, '"data":"x"')).toMatch(/^id: \d+\ndata: {"seq":/);
      codings.push(answer.headers.get('content-encoding'));
      expect(answer.headers.get('vary')).toBe(place === node ? 'Accept-Encoding' : null);
    }
    expect(codings).toEqual(['gzip', null, null, null]);
  });

  test('is read by our client, and saves bytes', async () => {
    const data = { symbol: 'ACME', name: 'größer '.repeat(20) };
    const bytes: number[] = [];
    for (const one of [values, { compression: 'none' } as const]) {
      await using node = await openDoor({ values: one });
      const subscriber = await subscribe({ transport: 'sse', port: node.port, values: one });
      for (let index = 0; index < 300; index++) await node.append(data);
      await subscriber.untilSeq(300);
      expect(subscriber.sequence).toEqual(numbers(1, 300));
      expect(subscriber.intact).toBe(true);
      bytes.push(subscriber.session?.bytesRead ?? 0);
      await node.close();
      await subscriber.until(({ end }) => end !== undefined);
      expect(subscriber.end).toEqual({ code: 'connection-closed' });
    }
    const [small = 0, large = 0] = bytes;
    expect(small).toBeLessThan(large / 2);
  });

  test('holds no more for who does not read than the bound, and says why it ends', REAL_TIME, async () => {
    await using node = await openDoor({ values, slowMs: 400, sendBufferBytes: 1 });
    await using relay = await openTestRelay(node.port);
    const slow = await subscribe({ transport: 'sse', port: relay.port, values });
    relay.stall();
    while (node.slowConsumers === 0) {
      await node.append(randomBytes(100_000).toString('base64'));
      await setImmediate();
    }
    relay.resume();
    await slow.until(({ end }) => end !== undefined);
    expect(slow.end).toEqual({ code: 'connection-closed' });
    expect(slow.sequence).toEqual(numbers(1, slow.sequence.length));
    expect(slow.sequence.length).toBeLessThan(node.appended);
  });

  test('that cannot be read ends the session', async () => {
    await using server = await openTestServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\nnot gzip');
    });
    const asked = await subscribe({ transport: 'sse', port: server.port, values });
    await asked.until(({ end }) => end !== undefined);
    expect(asked.end).toEqual({ code: 'protocol', cause: 'gzip' });
    const unasked = await subscribe({ transport: 'sse', port: server.port });
    expect(unasked.end).toEqual({ code: 'protocol', cause: 'content-encoding' });
    expect(server.requests.map((head) => /^accept-encoding: (.*)$/im.exec(head)?.[1])).toEqual(['gzip', undefined]);
  });
});

describe('silence', () => {
  afterEach(() => void vi.useRealTimers());

  test('lasts 15 s at most, for each client', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    await using node = await openDoor();
    const clients = numbers(1, 130).map(() => new RawConnection(node.port, GET));
    await Promise.all(clients.map(async (client) => client.until('\r\n\r\n')));
    await vi.advanceTimersByTimeAsync(15_000);
    for (const client of clients) {
      expect(await client.until('3\r\n:')).toMatch(/\r\n\r\n3\r\n:\n\n\r\n$/);
      client.socket.destroy();
    }
  });
});

describe('the end', () => {
  test('is said when the node closes, and is one', async () => {
    const node = await openDoor();
    const client = new RawConnection(node.port, GET);
    await client.until('\r\n\r\n');
    await node.append('first');
    await node.close();
    expect(await client.closed()).toMatch(/"}\n\n\r\n18\r\n: server shutting down\n\n\r\n0\r\n\r\n$/);
  });

  test.each(['none', 'gzip'] as const)(
    'is said behind what waits when the node closes, to whoever takes it in time, with compression %s',
    REAL_TIME,
    async (compression) => {
      const values = { compression };
      const node = await openDoor({ values, closeMs: 60_000, sendBufferBytes: 4_000_000 });
      const client = new RawConnection(node.port, GET.replace('\r\n\r\n', '\r\nAccept-Encoding: gzip\r\n\r\n'));
      client.socket.setEncoding('latin1');
      await client.until('\r\n\r\n');
      client.socket.pause();
      for (let seq = 1; seq <= 60; seq++) {
        await node.append(randomBytes(200_000).toString('base64'));
        await setImmediate();
      }
      const closed = node.close();
      // Whatever ends the idle connections of a server has done so.
      for (let turn = 0; turn < 50; turn++) await setImmediate();
      client.socket.resume();
      expect((await client.closed()).slice(-5)).toBe('0\r\n\r\n');
      await closed;
    },
  );

  test('is said to whoever is too slow and reads in time, behind what waited', REAL_TIME, async () => {
    await using node = await openDoor({ slowMs: 400, sendBufferBytes: 1 });
    const client = new RawConnection(node.port, GET);
    await client.until('\r\n\r\n');
    await stall(node, client);
    client.socket.resume();
    expect(await client.closed()).toMatch(/"}\n\n\r\n[\da-f]+\r\n: too slow: [^\n]+\n\n\r\n0\r\n\r\n$/);
  });

  test('comes by itself to whoever does not read that either', REAL_TIME, async () => {
    await using stand = await openStand();
    const client = new RawConnection(stand.port, GET);
    await client.until('\r\n\r\n');
    client.socket.pause();
    while (stand.slowConsumers === 0) {
      stand.append('x'.repeat(100_000));
      await setImmediate();
    }
    expect(await stand.connections()).toBe(1);
    while ((await stand.connections()) > 0) await setImmediate();
    client.socket.resume();
    expect(await client.closed()).not.toMatch(/0\r\n\r\n$/);
  });
});
