import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { isShownAt } from '../../scenarios/asking/rhythm.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { headerProfile } from '../registry.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';
import { numbers, TestSubscriber } from '../testing/test-subscriber.ts';
import { openSession } from './client.ts';

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]';
const INTERVAL_NS = 10e6;
interface Polling {
  readonly values?: DimensionValues;
  readonly since?: number;
}

function poll(server: TestServer, originNs: number, { values = {}, since }: Polling = {}): TestSubscriber {
  const subscriber = new TestSubscriber();
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port: server.port,
      position: since === undefined ? { kind: 'oldest' } : { kind: 'after', seq: since },
      headers: headerProfile('minimal'),
      values,
      poll: { originNs, intervalNs: INTERVAL_NS },
    },
    subscriber,
  );
  return subscriber;
}

test('polls once at each point of its grid, after a first one at once', REAL_TIME, async () => {
  const times: number[] = [];
  await using server = await openTestServer((socket) => {
    times.push(monotonicNs());
    socket.write(EMPTY);
  });
  const originNs = monotonicNs() + 3.3e6;
  const subscriber = poll(server, originNs);
  // A loop that is never idle, as with a thousand sessions, fires its timers up to a millisecond before their time.
  while (subscriber.answers.length < 40) await setImmediate();
  subscriber.close();
  // However late polls come, there are never more than points have passed; a millisecond too early is a tenth of the interval.
  const passed = times.slice(1).map((timeNs) => Math.floor((timeNs - originNs) / INTERVAL_NS + 0.12) + 1);
  expect(passed.filter((points, index) => index + 1 > points)).toEqual([]);
});

describe('where time stands until the test lets it pass', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] }));
  afterEach(() => void vi.useRealTimers());

  /** At which of so many points of its grid it asks. Each answer is there before the next point. */
  async function askedAt(values: DimensionValues, points: number, answer: (requests: number) => string) {
    await using server = await openTestServer((socket) => void socket.write(answer(server.requests.length)));
    const subscriber = poll(server, monotonicNs(), { values });
    await subscriber.until(({ answers }) => answers.length === 1);
    const asked = await askedFrom(subscriber, numbers(1, points));
    subscriber.close();
    return asked;
  }

  async function askedFrom(subscriber: TestSubscriber, points: readonly number[]): Promise<number[]> {
    const asked: number[] = [];
    const had = subscriber.answers.length;
    for (const point of points) {
      const before = subscriber.session?.bytesWritten;
      await vi.advanceTimersByTimeAsync(INTERVAL_NS / NS_PER_MS);
      if (subscriber.session?.bytesWritten === before) continue;
      asked.push(point);
      await subscriber.until(({ answers }) => answers.length === asked.length + had);
    }
    return asked;
  }

  test('a session that comes back while its tab is hidden asks when that is shown, and any other at once', async () => {
    await using server = await openTestServer((socket) => void socket.write(EMPTY));
    const back = poll(server, monotonicNs() - 5 * INTERVAL_NS, { values: { ask: 'hidden' }, since: 7 });
    expect(await askedFrom(back, numbers(6, 9))).toEqual([8, 9]);
    back.close();
    for (const subscriber of [
      poll(server, monotonicNs() - 2 * INTERVAL_NS, { values: { ask: 'hidden' }, since: 7 }),
      poll(server, monotonicNs() - 5 * INTERVAL_NS, { values: { ask: 'hidden' } }),
      poll(server, monotonicNs() - 5 * INTERVAL_NS, { since: 7 }),
    ]) {
      await subscriber.until(({ answers }) => answers.length === 1);
      subscriber.close();
    }
  });

  test('a tab asks at every point at which it is shown, and never while it is hidden', async () => {
    expect(await askedAt({ ask: 'hidden' }, 28, () => EMPTY)).toEqual(numbers(1, 28).filter(isShownAt));
  });

  test('who adapts polls at every point while something comes, at every fourth in the end while nothing does', async () => {
    const body = `[${encodeMessage(1, encodeBody(1, 2, '{}')).toString()}]`;
    const full = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const asked = await askedAt({ ask: 'adaptive' }, 20, (requests) => (requests < 5 ? full : EMPTY));
    expect(asked).toEqual([1, 2, 3, 4, 6, 10, 14, 18]);
  });
});

test('leaves out the points at which it still waits for an answer', REAL_TIME, async () => {
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

/** A program with one session, which is closed at its first answer, or whose server is gone when it polls again. */
const PROGRAM = `
  const [client, port, how] = process.argv.slice(1);
  const intervalNs = how === 'closed' ? 60e9 : 50e6;
  const { openSession } = await import(client);
  const session = openSession(
    {
      host: '127.0.0.1',
      port: Number(port),
      position: { kind: 'oldest' },
      headers: { fetch: () => [] },
      values: {},
      poll: { originNs: 0, intervalNs },
    },
    {
      opened: () => setImmediate(() => (how === 'closed' ? session.close() : process.stdout.write('opened'))),
      answered: () => undefined,
      lost: () => undefined,
    },
  );
`;

test.each(['lost', 'closed'])('keeps no process alive when it was %s', async (how) => {
  await using server = await openTestServer((socket) => void socket.write(EMPTY));
  const client = new URL('client.ts', import.meta.url).href;
  const program = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, client, String(server.port), how]);
  program.stdout.once('data', () => void server.stop());
  const [code] = (await once(program, 'exit')) as [number];
  expect(code).toBe(0);
});
