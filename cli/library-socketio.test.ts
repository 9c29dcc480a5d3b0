import { afterEach, describe, expect, test } from 'vitest';
import { librarySession } from '../load/library/clients.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import { headerProfile } from '../servers/registry.ts';
import { openTestNode } from '../servers/testing/test-node.ts';
import { openTestRelay, type TestRelay } from '../servers/testing/test-relay.ts';
import { numbers, TestSubscriber } from '../servers/testing/test-subscriber.ts';
import type { SessionOptions } from '../servers/transport.ts';

/** Members that talk by socket.io-client, and what it remembers: the same as of the native client. */

const present: TestSubscriber[] = [];

async function come(
  port: number,
  values: DimensionValues,
  options: Pick<SessionOptions, 'member' | 'remembered'>,
): Promise<TestSubscriber> {
  const openSession = await librarySession('socketio');
  const subscriber = new TestSubscriber();
  present.push(subscriber);
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: { kind: 'oldest' },
      values,
      headers: headerProfile('minimal'),
      poll: { originNs: monotonicNs(), intervalNs: 10e6 },
      ...options,
    },
    subscriber,
  );
  await subscriber.until(({ openings, end }) => openings > 0 || end !== undefined);
  return subscriber;
}

/** Between two polls a connection may end and nothing is lost: this is while one is held. */
async function atRest(relay: TestRelay): Promise<void> {
  let before = Number.NaN;
  await expect.poll(() => before === (before = relay.bytesUp)).toBe(true);
}

afterEach(() => {
  for (const subscriber of present.splice(0)) subscriber.close();
});

describe.each<DimensionValues>([
  { shape: 'websocket' },
  { shape: 'websocket', frames: 'binary' },
  { shape: 'polling' },
  { shape: 'upgrade' },
])('$shape, $frames', (values) => {
  test('talks, and hears what is for it, signals too', async () => {
    await using node = await openTestNode({ transport: 'socketio', values });
    const ann = await come(node.port, values, { member: { user: 'ann', channels: ['room:1'] } });
    const ben = await come(node.port, values, { member: { user: 'ben', channels: ['room:1'] } });
    const data = { text: 'größer'.repeat(100) };
    const said = numbers(1, 50).map(async (n) => ann.say({ type: 'send', channel: 'room:1', n, data }));
    const answers = await Promise.all(said);
    await ann.say({ type: 'typing', channel: 'room:1' });
    await ben.until(({ sequence, signals }) => sequence.length === 50 && signals.length === 2);
    expect(answers).toEqual(ben.sequence.map((seq) => ({ seq })));
    expect(ben.intact).toBe(true);
    expect(ben.signals).toMatchObject([
      { signal: 'welcome', user: 'ben', online: 2 },
      { signal: 'typing', channel: 'room:1', from: 'ann' },
    ]);
    expect(await ann.say({ type: 'join', channel: 'user:ben' })).toMatchObject({ reason: 'forbidden' });
  });

  const sees = needs(values.shape !== 'polling', 'in Node it does not see that a poll which is held was cut off');

  test('comes back with what the server remembers of it', sees, async () => {
    const recovering = { ...values, recovery: 'library' } as const;
    await using node = await openTestNode({ transport: 'socketio', values: recovering });
    await using relay = await openTestRelay(node.port);
    const first = await come(relay.port, recovering, {});
    for (const index of numbers(1, 5)) await node.append({ index });
    await first.untilSeq(5);
    await atRest(relay);
    relay.cut();
    await first.until(({ end }) => end !== undefined);
    for (const index of numbers(6, 8)) await node.append({ index });
    const { remembered = '' } = first.session ?? {};
    const back = await come(node.port, recovering, { remembered });
    await node.append('the last');
    await back.untilSeq(9);
    expect(back.sequence).toEqual(numbers(6, 9));
    expect(back.intact).toBe(true);
  });
});
