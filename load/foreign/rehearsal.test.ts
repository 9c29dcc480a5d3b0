import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createListener, type AddressInfo, type Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../scenarios/failures.ts';
import type { Adapter } from './adapter.ts';
import { type Limits, USUAL_LIMITS } from './links/link.ts';
import { rehearse } from './rehearsal.ts';
import { resolveTarget } from './target-address.ts';

interface Place extends AsyncDisposable {
  readonly port: number;
}

/** Takes connections, and does with them what a test wants. */
async function listening(take: (socket: Socket) => void): Promise<Place> {
  const sockets = new Set<Socket>();
  const server = createListener((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
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

async function answering(answer: RequestListener): Promise<Place> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function echoing(take: (socket: WebSocket) => void): Promise<Place> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(wss, 'listening');
  wss.on('connection', take);
  return {
    port: (wss.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const client of wss.clients) client.terminate();
      wss.close();
    },
  };
}

const ECHO: Adapter = { label: 'echo', by: 'websocket', publish: (text) => text, read: ({ text }) => text };
const EVENTS: Adapter = { label: 'events', by: 'events', read: ({ text }) => ({ seq: Number(text) }) };

/** Of what comes late or never; enough for what does come. */
const SHORT: Limits = { stepMs: 2000, ownFeedMs: 2000 };
const HUNG: Limits = { stepMs: 250, ownFeedMs: 250 };

async function failureOf(adapter: Adapter, port: number, limits = USUAL_LIMITS): Promise<Failure> {
  const address = await resolveTarget(`http://127.0.0.1:${port}/feed`);
  const server = {
    adapter: '/mine.ts',
    id: 'mine',
    label: adapter.label,
    isPublishedTo: adapter.publish !== undefined,
    hasClock: adapter.clock !== undefined,
    address,
  };
  return rehearse({ adapter, server }, limits).then(
    () => {
      throw new TypeError('it went well');
    },
    (error: unknown) => error as Failure,
  );
}

/** To whoever says something, and to all others. */
function toAll(sockets: Set<WebSocket>): (socket: WebSocket) => void {
  return (socket) => {
    sockets.add(socket);
    socket.on('message', (data: Buffer) => {
      for (const one of sockets) one.send(data.toString());
    });
  };
}

// Most of them wait for what does not come.
describe.concurrent('what is wrong is told in a line, before anything is loaded', () => {
  test('nobody there', async () => {
    const place = await listening(() => undefined);
    const { port } = place;
    await place[Symbol.asyncDispose]();
    for (const adapter of [
      ECHO,
      EVENTS,
      { ...ECHO, by: 'socketio', publish: (text: string) => ['say', text] } as Adapter,
    ])
      expect(await failureOf(adapter, port)).toMatchObject({
        code: 'target-unreachable',
        message: `nobody answers at 127.0.0.1:${port} (ECONNREFUSED): start the server, or correct --target`,
      });
  });

  test('a target that takes connections and never answers', async () => {
    await using place = await listening(() => undefined);
    const all = await Promise.all([ECHO, EVENTS].map(async (adapter) => failureOf(adapter, place.port, HUNG)));
    for (const failure of all)
      expect(failure).toMatchObject({
        code: 'target-unreachable',
        message: expect.stringMatching(/it hangs/) as string,
      });
  });

  test.each<[status: number, headers: Record<string, string>, told: [code: string, message: RegExp]]>([
    [
      429,
      { 'Retry-After': '30' },
      ['target-refused', /answered 429 Too Many Requests, retry-after: 30: it wants no more load/],
    ],
    [401, {}, ['target-refused', /answered 401 Unauthorized: .*"headers"/]],
    [403, {}, ['target-refused', /answered 403 Forbidden/]],
    [503, {}, ['target-refused', /answered 503 Service Unavailable: it is overloaded/]],
    [
      302,
      { Location: 'http://elsewhere.invalid/x' },
      ['target-refused', /answered 302 Found, location: http:\/\/elsewhere\.invalid\/x: give the address/],
    ],
    [404, {}, ['target-unreachable', /answered 404 Not Found: correct the path/]],
  ])('one that answers %d', async (status, headers, [code, message]) => {
    await using place = await answering(
      (_request, response: ServerResponse) => void response.writeHead(status, headers).end(),
    );
    const polling: Adapter = { ...EVENTS, by: 'polling' };
    for (const adapter of [ECHO, EVENTS, polling])
      expect(await failureOf(adapter, place.port)).toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      });
  });

  test('a POST that is answered 429 is told with its time', async () => {
    await using place = await answering((request, response) => {
      if (request.method === 'POST') response.writeHead(429, { 'Retry-After': '7' }).end();
      else response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    });
    const posting: Adapter = { ...EVENTS, read: ({ text }) => text, publish: (body) => ({ post: '/say', body }) };
    expect(await failureOf(posting, place.port)).toMatchObject({
      code: 'target-refused',
      message: expect.stringMatching(/429 Too Many Requests, retry-after: 7/) as string,
    });
  });

  test('one that closes on whoever comes', async () => {
    await using place = await echoing((socket) => socket.close(1011, 'not today'));
    expect(await failureOf(ECHO, place.port)).toMatchObject({
      code: 'target-unreachable',
      message: expect.stringMatching(/closed with 1011 \(not today\)/) as string,
    });
  });

  test('one that floods whoever comes is left alone', async () => {
    await using place = await echoing((socket) => {
      for (let count = 0; count < 20_000; count++) socket.send('x');
    });
    const deaf: Adapter = { ...ECHO, read: () => undefined };
    expect(await failureOf(deaf, place.port)).toMatchObject({ message: expect.stringMatching(/a flood/) as string });
  });

  test.each<[string, Partial<Adapter>, RegExp]>([
    [
      'reads nothing',
      { read: () => undefined },
      /read none of the 1 messages .* \("read" returned undefined for all of them\); the first begins with \{"seq":1,/,
    ],
    ['throws', { read: () => JSON.parse('no') as string }, /"read" threw .*not valid JSON/],
    ['returns nonsense', { read: () => ({ seq: 'one' }) as never }, /"read" returned \{"seq":"one"\}, and no text/],
    ['reads something else', { read: ({ text }) => text.slice(1) }, /read none of the 1 messages/],
    ['publishes nothing', { publish: () => undefined as never }, /"publish" returned nothing that can be said/],
    [
      'throws when it publishes',
      {
        publish: () => {
          throw new Error('no name');
        },
      },
      /"publish" threw no name/,
    ],
    [
      'says what a WebSocket does not carry',
      { publish: () => ['say', 'x'] },
      /over a WebSocket a text or bytes can be said/,
    ],
  ])('an adapter that %s', async (_name, change, message) => {
    await using place = await echoing(toAll(new Set()));
    const failure = await failureOf({ ...ECHO, ...change } as Adapter, place.port, SHORT);
    expect(failure).toMatchObject({ code: 'adapter', message: expect.stringMatching(message) as string });
  });

  test('a server that passes nothing on', async () => {
    await using place = await echoing(() => undefined);
    expect(await failureOf(ECHO, place.port, SHORT)).toMatchObject({
      code: 'adapter',
      message: expect.stringMatching(/nothing came within 2 s of what was published/) as string,
    });
  });
});
