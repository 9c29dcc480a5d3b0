import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeNotice } from '../../scenarios/feed/message.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { answer, ask, chunkedAnswer, messages, nextMessage } from '../testing/feed-answers.ts';
import { openTestServer, writePieces } from '../testing/test-server.ts';
import { numbers, subscribe, type TestSubscriber } from '../testing/test-subscriber.ts';
import { encodeAnswer } from './http-answer.ts';
import { HttpConnection } from './http-connection.ts';

/** The polling clients against servers and proxies that are not ours. */

type Serve = (socket: Socket, head: string, requestOfSocket: number) => void;

/** Asks ten times, and tells over how many connections the requests came. */
async function askTenTimes(serve: Serve): Promise<{ subscriber: TestSubscriber; connections: number }> {
  const requestsOf = new Map<Socket, number>();
  await using server = await openTestServer((socket, head) => {
    const count = (requestsOf.get(socket) ?? 0) + 1;
    requestsOf.set(socket, count);
    serve(socket, head, count);
  });
  const subscriber = ask(server, 10);
  await subscriber.until(({ answers, end }) => answers.length === 10 || end !== undefined);
  subscriber.close();
  return { subscriber, connections: requestsOf.size };
}

const closing = 'HTTP/1.1 200 OK\r\nConnection: close';
const unframed = (body: Buffer): Buffer => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body]);

describe('a connection that ends as HTTP has it is no loss:', () => {
  test.each<[name: string, connections: number, serve: Serve]>([
    ['said with each answer', 10, (socket, head) => socket.end(answer(nextMessage(head), closing))],
    ['said, and left to the client', 10, (socket, head) => void socket.write(answer(nextMessage(head), closing))],
    [
      'after as many requests as a proxy takes',
      4,
      (socket, head, count) => void socket.write(answer(nextMessage(head), count === 3 ? closing : undefined)),
    ],
    [
      'not said, after an answer',
      4,
      (socket, head, count) => {
        socket.write(answer(nextMessage(head)));
        if (count === 3) socket.end();
      },
    ],
    [
      'while the next request is on its way',
      5,
      (socket, head, count) => {
        if (count < 3) socket.write(answer(nextMessage(head)));
        else socket.end();
      },
    ],
    [
      'broken while the next request is on its way',
      5,
      (socket, head, count) => {
        if (count < 3) socket.write(answer(nextMessage(head)));
        else socket.resetAndDestroy();
      },
    ],
    ['the end of an answer', 10, (socket, head) => socket.end(unframed(nextMessage(head)))],
    ['HTTP/1.0, which keeps none', 10, (socket, head) => socket.end(answer(nextMessage(head), 'HTTP/1.0 200 OK'))],
    [
      'HTTP/1.0, which keeps it where it says so',
      1,
      (socket, head) => void socket.write(answer(nextMessage(head), 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive')),
    ],
  ])('%s', async (_name, connections, serve) => {
    const { subscriber, connections: seen } = await askTenTimes(serve);
    expect(subscriber.sequence).toEqual(numbers(1, 10));
    expect(subscriber.intact).toBe(true);
    expect(subscriber.end).toBeUndefined();
    expect(subscriber.openings).toBe(1);
    expect(seen).toBe(connections);
    expect(subscriber.reopenings).toBe(connections - 1);
  });

  test('the bytes of all connections are counted', async () => {
    await using server = await openTestServer((socket, head) => socket.end(answer(nextMessage(head), closing)));
    const subscriber = ask(server, 3);
    await subscriber.until(({ answers }) => answers.length === 3);
    const answers = numbers(0, 2).map((since) => answer(nextMessage(`since=${since}`), closing).length);
    expect(subscriber.session?.bytesRead).toBe(answers.reduce((sum, bytes) => sum + bytes, 0));
    expect(subscriber.session?.bytesWritten).toBe(server.requests.reduce((sum, { length }) => sum + length + 4, 0));
    subscriber.close();
  });

  test("a server of Node's that closes idle connections, and each after three requests", async () => {
    const server = createServer({ keepAliveTimeout: 20, keepAliveTimeoutBuffer: 0 }, (request, response) => {
      response.end(nextMessage(request.url ?? ''));
    });
    server.maxRequestsPerSocket = 3;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const subscribers = await Promise.all(
      [10, 50, 100].map(async (pollIntervalMs) => subscribe({ transport: 'polling', port, pollIntervalMs })),
    );
    await Promise.all(subscribers.map(async (subscriber) => subscriber.untilSeq(8)));
    for (const subscriber of subscribers) {
      subscriber.close();
      expect(subscriber.end).toBeUndefined();
      expect(subscriber.sequence).toEqual(numbers(1, subscriber.sequence.length));
      expect(subscriber.reopenings).toBeGreaterThan(1);
    }
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
});

describe('a connection that ends otherwise is a loss:', () => {
  test('a request is sent again once, and only after a connection that had served', async () => {
    let requests = 0;
    const { subscriber } = await askTenTimes((socket, head) => {
      requests += 1;
      if (requests < 3) socket.write(answer(nextMessage(head)));
      else socket.end();
    });
    expect(subscriber.end).toEqual({ code: 'connection-closed' });
    expect(subscriber.sequence).toEqual([1, 2]);
    expect(requests).toBe(4);
  });

  test('the end amid an answer', async () => {
    const { subscriber } = await askTenTimes((socket, head, count) => {
      const bytes = answer(nextMessage(head));
      if (count < 3) socket.write(bytes);
      else socket.end(bytes.subarray(0, -1));
    });
    expect(subscriber.end).toEqual({ code: 'connection-closed' });
    expect(subscriber.sequence).toEqual([1, 2]);
  });

  test('the break of one whose end would have been that of the answer', async () => {
    const { subscriber } = await askTenTimes((socket, head) => {
      socket.write(unframed(nextMessage(head)), () => socket.resetAndDestroy());
    });
    expect(subscriber.end).toEqual({ code: 'connection-lost', system: 'ECONNRESET' });
    expect(subscriber.sequence).toEqual([]);
  });
});

test('an answer in chunks is the same wherever the network and the server cut it', async () => {
  const body = encodeAnswer([...messages(1, 3), encodeNotice({ notice: 'gap', from: 4, to: 6 }), ...messages(7, 8)]);
  const cuts = fc.array(fc.nat(), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: body.length }), cuts, async (chunkBytes, places) => {
      const bytes = chunkedAnswer(body, chunkBytes);
      const ends = [...new Set([...places.map((place) => (place % bytes.length) + 1), bytes.length])];
      await using server = await openTestServer((socket) => {
        void writePieces(
          socket,
          bytes,
          ends.toSorted((a, b) => a - b),
        );
      });
      const subscriber = ask(server);
      await subscriber.until(({ answers, end }) => answers.length === 1 || end !== undefined);
      subscriber.close();
      expect(subscriber.sequence).toEqual([1, 2, 3, 7, 8]);
      expect(subscriber.intact).toBe(true);
    }),
    { numRuns: 60 },
  );
});

async function endedBy(bytes: Buffer): Promise<TestSubscriber> {
  await using server = await openTestServer((socket) => socket.end(bytes));
  const subscriber = ask(server);
  await subscriber.until(({ answers, end }) => answers.length > 0 || end !== undefined);
  subscriber.close();
  return subscriber;
}

const withFields = (...fields: string[]): Buffer => Buffer.from(['HTTP/1.1 200 OK', ...fields, '', '[]'].join('\r\n'));
const inChunks = (text: string): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`);

test.each([
  ['the same length twice', withFields('Content-Length: 2', 'Content-Length: 2')],
  ['the same length in a list', withFields('Content-Length: 2, 2')],
  ['no length at all', withFields()],
  ['names in capitals', withFields('CONTENT-LENGTH:2')],
  [
    '100 and 103 before it',
    Buffer.concat([
      Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'),
      withFields('Content-Length: 2'),
    ]),
  ],
])('an answer with %s is read', async (_name, bytes) => {
  const subscriber = await endedBy(bytes);
  expect(subscriber.answers).toEqual([0]);
  expect(subscriber.told).toEqual([]);
});

test.each<[string, Buffer, SessionEnd]>([
  ['another protocol', Buffer.from('SSH-2.0-x\r\n\r\n'), { code: 'protocol', cause: 'malformed-head' }],
  ['a status of four digits', Buffer.from('HTTP/1.1 2000 OK\r\n\r\n'), { code: 'protocol', cause: 'malformed-head' }],
  ['a line that is no field', withFields('Nonsense'), { code: 'protocol', cause: 'malformed-head' }],
  ['101', Buffer.from('HTTP/1.1 101 Other\r\n\r\n'), { code: 'protocol', cause: 'switched-protocols' }],
  [
    'lengths that differ',
    withFields('Content-Length: 2', 'Content-Length: 3'),
    { code: 'protocol', cause: 'content-length' },
  ],
  ['a length that is none', withFields('Content-Length: +2'), { code: 'protocol', cause: 'content-length' }],
  ['a length below nothing', withFields('Content-Length: -1'), { code: 'protocol', cause: 'content-length' }],
  [
    'chunks and a length',
    withFields('Transfer-Encoding: chunked', 'Content-Length: 2'),
    { code: 'protocol', cause: 'transfer-encoding' },
  ],
  ['another coding', withFields('Transfer-Encoding: gzip, chunked'), { code: 'protocol', cause: 'transfer-encoding' }],
  [
    'a compressed body',
    withFields('Content-Encoding: gzip', 'Content-Length: 2'),
    { code: 'protocol', cause: 'content-encoding' },
  ],
  ['a chunk size that is none', inChunks('x\r\n[]\r\n0\r\n\r\n'), { code: 'protocol', cause: 'chunk' }],
  ['a chunk longer than it said', inChunks('1\r\n[]\r\n0\r\n\r\n'), { code: 'protocol', cause: 'chunk' }],
  ['a size line that does not end', inChunks(`2;${'x'.repeat(9000)}`), { code: 'protocol', cause: 'chunk' }],
  ['trailers without end', inChunks(`0\r\n${'X: y\r\n'.repeat(500)}`), { code: 'protocol', cause: 'chunk' }],
  ['204', Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'), { code: 'http-status', status: 204, text: 'No Content' }],
  ['304', Buffer.from('HTTP/1.1 304 Not Modified\r\n\r\n'), { code: 'http-status', status: 304, text: 'Not Modified' }],
  ['chunks that do not end', inChunks('2\r\n[]\r\n'), { code: 'connection-closed' }],
  ['nothing', Buffer.alloc(0), { code: 'connection-closed' }],
])('the session ends with its cause at %s', async (_name, bytes, end) => {
  const subscriber = await endedBy(bytes);
  expect(subscriber.end).toEqual(end);
  expect(subscriber.openings).toBe(0);
  expect(subscriber.reopenings).toBe(0);
});

test('one request at a time, and none after the close', async () => {
  await using server = await openTestServer((socket) => void socket.write(answer(Buffer.from('[]'))));
  const answered = Promise.withResolvers<void>();
  const nothing = (): void => undefined;
  const connection = new HttpConnection(
    { host: '127.0.0.1', port: server.port },
    { head: nothing, body: nothing, answered: () => answered.resolve(), reopened: nothing, ended: nothing },
  );
  const askAgain = (): void => connection.ask('GET / HTTP/1.1\r\n\r\n');
  askAgain();
  expect(connection.isAsking).toBe(true);
  expect(askAgain).toThrow('a request is under way');
  await answered.promise;
  expect(connection.isAsking).toBe(false);
  connection.close();
  expect(askAgain).toThrow('the connection closed');
  expect(server.requests).toHaveLength(1);
});
