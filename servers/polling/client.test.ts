import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { headerProfile } from '../registry.ts';
import { openTestServer, type TestServer } from '../test-server.ts';
import { TestSubscriber } from '../test-subscriber.ts';
import { openSession } from './client.ts';

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]';
const INTERVAL_NS = 20e6;

function poll(server: TestServer, originNs: number): TestSubscriber {
  const subscriber = new TestSubscriber();
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port: server.port,
      position: { kind: 'oldest' },
      headers: headerProfile('minimal'),
      poll: { originNs, intervalNs: INTERVAL_NS },
    },
    subscriber,
  );
  return subscriber;
}

test('polls once at each point of its grid, after a first one at once', async () => {
  const times: number[] = [];
  await using server = await openTestServer((socket) => {
    times.push(monotonicNs());
    socket.write(EMPTY);
  });
  const originNs = monotonicNs() + 7e6;
  const subscriber = poll(server, originNs);
  await subscriber.until(({ answers }) => answers.length === 30);
  subscriber.close();
  // Of a point, however late: a timer may fire a millisecond early, which is a twentieth of the interval.
  const points = times.slice(1).map((timeNs) => Math.floor((timeNs - originNs) / INTERVAL_NS + 0.06));
  expect(points).toEqual([...new Set(points)].toSorted((a, b) => a - b));
});

test('leaves out the points at which it still waits for an answer', async () => {
  const released = Promise.withResolvers<void>();
  await using server = await openTestServer((socket) => {
    if (server.requests.length === 2) void released.promise.then(() => socket.write(EMPTY));
    else socket.write(EMPTY);
  });
  // Another session on the same grid tells how many points have passed.
  const passing = await openTestServer((socket) => void socket.write(EMPTY));
  const originNs = monotonicNs();
  const subscriber = poll(server, originNs);
  const other = poll(passing, originNs);
  await other.until(({ answers }) => answers.length === 8);
  expect(server.requests).toHaveLength(2);
  released.resolve();
  await subscriber.until(({ answers }) => answers.length === 4);
  expect(server.requests).toHaveLength(4);
  subscriber.close();
  other.close();
  await passing[Symbol.asyncDispose]();
});

test('stops when it has lost its server', async () => {
  await using server = await openTestServer((socket) => void socket.write(EMPTY));
  await using passing = await openTestServer((socket) => void socket.write(EMPTY));
  const subscriber = poll(server, monotonicNs());
  await subscriber.until(({ answers }) => answers.length === 2);
  server.cut();
  await subscriber.until(({ lostReason }) => lostReason !== undefined);
  const asked = server.requests.length;
  const other = poll(passing, monotonicNs());
  await other.until(({ answers }) => answers.length === 4);
  expect(server.requests).toHaveLength(asked);
  other.close();
});
