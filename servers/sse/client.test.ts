import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { messages } from '../testing/feed-answers.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';
import { TestSubscriber } from '../testing/test-subscriber.ts';
import { HEADER_PROFILES } from '../wire/header-profiles.ts';
import { openSession } from './client.ts';
import { encodeEvent } from './event.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';

interface Stand extends AsyncDisposable {
  readonly server: TestServer;
  readonly subscriber: TestSubscriber;
  /** Of the streams, in the order in which they were asked for. */
  readonly sockets: Socket[];
  /** Those that the client has let go of. */
  readonly closed: Set<Socket>;
  readonly answers: unknown[];
  readonly join: (channel: string) => void;
}

/** A server that says nothing by itself, and a client that follows a room. */
async function stand(): Promise<Stand> {
  const sockets: Socket[] = [];
  const closed = new Set<Socket>();
  const server = await openTestServer((socket) => {
    sockets.push(socket);
    socket.once('close', () => closed.add(socket));
  });
  const subscriber = new TestSubscriber();
  const answers: unknown[] = [];
  const options = {
    host: '127.0.0.1',
    port: server.port,
    position: { kind: 'oldest' },
    values: {},
    headers: HEADER_PROFILES.minimal,
    member: { user: 'ann', channels: ['room:1'] },
    poll: { originNs: 0, intervalNs: 1e9 },
  } as const;
  subscriber.session = openSession(options, subscriber);
  return {
    server,
    subscriber,
    sockets,
    closed,
    answers,
    join: (channel) => subscriber.session?.say({ type: 'join', channel }, (told) => answers.push(told)),
    [Symbol.asyncDispose]: async () => {
      subscriber.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function tell(socket: Socket | undefined, first: number, last: number): void {
  for (const message of messages(first, last)) socket?.write(encodeEvent(message));
}

function targets({ requests }: TestServer): string[] {
  return requests.map((head) => head.split(' ')[1] ?? '');
}

test('to join, the stream is asked for anew from where it is, and the old one goes when the new one stands', async () => {
  await using run = await stand();
  const { server, subscriber, sockets, closed, answers, join } = run;
  await expect.poll(() => sockets.length).toBe(1);
  sockets[0]?.write(HEAD);
  tell(sockets[0], 1, 2);
  await subscriber.untilSeq(2);
  join('room:2');
  join('room:3');
  await expect.poll(() => sockets.length).toBe(2);
  expect(answers).toEqual([{ seq: 2 }, { seq: 2 }]);
  expect(subscriber.session?.extraConnections).toBe(1);
  // What comes by the old one now comes by the new one too, with what else there was between.
  const before = subscriber.session?.bytesRead;
  tell(sockets[0], 4, 4);
  await expect.poll(() => subscriber.session?.bytesRead).not.toBe(before);
  expect(closed.size).toBe(0);
  sockets[1]?.write(HEAD);
  tell(sockets[1], 3, 5);
  await subscriber.untilSeq(5);
  await expect.poll(() => [...closed]).toEqual([sockets[0]]);
  expect(subscriber.sequence).toEqual([1, 2, 3, 4, 5]);
  expect(targets(server)).toEqual([
    '/events?since=0&channels=room:1&user=ann',
    '/events?since=2&channels=room:1,room:2,room:3&user=ann',
  ]);
  expect([subscriber.openings, subscriber.reopenings]).toEqual([1, 1]);
  expect(subscriber.session?.extraConnections).toBe(0);
  const written = server.requests.reduce((sum, { length }) => sum + length + 4, 0);
  expect(subscriber.session?.bytesWritten).toBe(written);
  const told = [1, 2, 3, 4, 4, 5].map((seq) => encodeEvent(messages(seq, seq)[0] ?? Buffer.alloc(0)).length);
  expect(subscriber.session?.bytesRead).toBe(2 * HEAD.length + told.reduce((sum, bytes) => sum + bytes, 0));
});

test('who joins before the first stream stands, or while the second is on its way, waits for it', async () => {
  await using run = await stand();
  const { server, subscriber, sockets, answers, join } = run;
  join('room:2');
  await expect.poll(() => sockets.length).toBe(1);
  expect(answers).toEqual([]);
  sockets[0]?.write(HEAD);
  await expect.poll(() => sockets.length).toBe(2);
  join('room:3');
  expect(answers).toEqual([{ seq: 0 }]);
  sockets[1]?.write(HEAD);
  await expect.poll(() => sockets.length).toBe(3);
  sockets[2]?.write(HEAD);
  tell(sockets[2], 1, 1);
  await subscriber.untilSeq(1);
  expect(targets(server).map((target) => /channels=([^&]*)/.exec(target)?.[1])).toEqual([
    'room:1',
    'room:1,room:2',
    'room:1,room:2,room:3',
  ]);
  expect(subscriber.openings).toBe(1);
});

test('the session ends with the stream that it follows, and not with one that it has let go of', async () => {
  await using run = await stand();
  const { subscriber, sockets, join } = run;
  await expect.poll(() => sockets.length).toBe(1);
  sockets[0]?.write(HEAD);
  await subscriber.until(({ openings }) => openings === 1);
  join('room:2');
  await expect.poll(() => sockets.length).toBe(2);
  sockets[0]?.destroy();
  sockets[1]?.write(HEAD);
  tell(sockets[1], 1, 1);
  await subscriber.untilSeq(1);
  expect(subscriber.end).toBeUndefined();
  sockets[1]?.end();
  await subscriber.until(({ end }) => end !== undefined);
  expect(subscriber.end).toEqual({ code: 'connection-closed' });
});
