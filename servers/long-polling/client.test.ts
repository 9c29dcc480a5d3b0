import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { encodeAnswer } from '../wire/http-answer.ts';
import { answer, messages } from '../testing/feed-answers.ts';
import { openTestServer } from '../testing/test-server.ts';
import { TestSubscriber } from '../testing/test-subscriber.ts';
import { HEADER_PROFILES } from '../wire/header-profiles.ts';
import { openSession } from './client.ts';

const member = { user: 'ann', channels: ['room:1'], tab: '7f' };

/** A client whose first poll is answered with a message; it waits in the second. */
function follow(port: number): TestSubscriber {
  const subscriber = new TestSubscriber();
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: { kind: 'oldest' },
      values: {},
      headers: HEADER_PROFILES.minimal,
      member,
      poll: { originNs: 0, intervalNs: 1e9 },
    },
    subscriber,
  );
  return subscriber;
}

test('a poll that is held is given up to join a channel, once for several, and what it had to say is not heard', async () => {
  const sockets: Socket[] = [];
  await using server = await openTestServer((socket) => {
    sockets.push(socket);
    if (sockets.length === 1) socket.write(answer(encodeAnswer(messages(1, 1))));
  });
  const subscriber = follow(server.port);
  await expect.poll(() => server.requests.length).toBe(2);
  const answers: unknown[] = [];
  for (const channel of ['room:2', 'room:3'])
    subscriber.session?.say({ type: 'join', channel }, (told) => answers.push(told));
  await expect.poll(() => server.requests.length).toBe(3);
  // By now the server may have answered the poll that was given up.
  sockets[1]?.write(answer(encodeAnswer(messages(2, 9))));
  sockets[2]?.write(answer(encodeAnswer(messages(2, 2))));
  await subscriber.untilSeq(2);
  expect(server.requests[2]).toMatch(/^GET \/next\?since=1&channels=room:1,room:2,room:3&user=ann&tab=7f /);
  expect(answers).toEqual([{ seq: 1 }, { seq: 1 }]);
  expect(sockets[1]).toBe(sockets[0]);
  expect(sockets[2]).not.toBe(sockets[0]);
  expect(subscriber.sequence).toEqual([1, 2]);
  expect([subscriber.reopenings, subscriber.openings, subscriber.end]).toEqual([1, 1, undefined]);
  subscriber.close();
});

test('an answer that has begun is taken whole before a channel is joined', async () => {
  const sockets: Socket[] = [];
  const whole = answer(encodeAnswer(messages(2, 3)));
  await using server = await openTestServer((socket) => {
    sockets.push(socket);
    if (sockets.length === 1) socket.write(answer(encodeAnswer(messages(1, 1))));
    if (sockets.length === 2) socket.write(whole.subarray(0, -10));
  });
  const subscriber = follow(server.port);
  const started = (): boolean => (subscriber.session?.bytesRead ?? 0) > whole.length;
  await expect.poll(started).toBe(true);
  let seq: number | null = -1;
  subscriber.session?.say({ type: 'join', channel: 'room:2' }, (told) => {
    seq = 'seq' in told ? told.seq : -1;
  });
  await Promise.resolve();
  sockets[1]?.write(whole.subarray(-10));
  await expect.poll(() => server.requests.length).toBe(3);
  expect(subscriber.sequence).toEqual([1, 2, 3]);
  expect(seq).toBe(3);
  expect(subscriber.reopenings).toBe(0);
  subscriber.close();
});
