import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { LoopClock } from '../../scenarios/testing/loop-clock.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { numbers, subscribe, TestSubscriber } from '../testing/test-subscriber.ts';
import { headerProfile } from '../registry.ts';
import type { SessionCommand, SessionOptions } from '../transport.ts';
import { openSession } from './client.ts';

/** What a member may say and hears, by the native client in every shape; and what the door does with whoever is no good. */

/** A member, and what it heard in its channels: channel, sender and number of each message. */
class Talker extends TestSubscriber {
  get lines(): string[] {
    return this.heard.map(({ channel, from, n }) => `${channel} ${from} ${n}`);
  }

  /** Without who came and who went. */
  get said(): string[] {
    return this.lines.filter((line) => !line.startsWith('presence'));
  }

  async untilSaid(count: number): Promise<void> {
    await this.until(({ said }) => said.length >= count);
  }
}

interface Joining {
  readonly port: number;
  readonly user: string;
  readonly channels: readonly string[];
  readonly values?: DimensionValues;
  readonly position?: SessionOptions['position'];
}

const present: Talker[] = [];

async function join({ port, user, channels, values = {}, position }: Joining): Promise<Talker> {
  const talker = new Talker();
  present.push(talker);
  talker.session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: position ?? { kind: 'oldest' },
      values,
      headers: headerProfile('minimal'),
      member: { user, channels },
      poll: { originNs: monotonicNs(), intervalNs: 10e6 },
    },
    talker,
  );
  await talker.until(({ openings, end }) => openings > 0 || end !== undefined);
  return talker;
}

afterEach(() => {
  for (const talker of present.splice(0)) talker.close();
});

const send = (channel: string, n?: number, data = 'hello'): SessionCommand => ({
  type: 'send',
  channel,
  data,
  ...(n !== undefined && { n }),
});

const FORMS: readonly DimensionValues[] = [
  { shape: 'websocket' },
  { shape: 'websocket', frames: 'binary' },
  { shape: 'websocket', compression: 'deflate' },
  { shape: 'polling' },
  { shape: 'polling', frames: 'binary', compression: 'gzip' },
  { shape: 'upgrade' },
];

describe.each(FORMS)('$shape, $frames, $compression', (values) => {
  async function open(): Promise<TestNode> {
    return openTestNode({ transport: 'socketio', values });
  }

  test('what is said in a room comes to who is there, in all their tabs, and to nobody else', async () => {
    await using node = await open();
    const { port } = node;
    const listener = await subscribe({ transport: 'socketio', values, port });
    const [ann, ben, tab, carl] = await Promise.all([
      join({ port, values, user: 'ann', channels: ['room:1', 'feed'] }),
      join({ port, values, user: 'ben', channels: ['room:1'] }),
      join({ port, values, user: 'ben', channels: [] }),
      join({ port, values, user: 'carl', channels: ['room:2'] }),
    ]);
    expect(await ann.say(send('room:1', 1))).toMatchObject({ seq: expect.any(Number) as number });
    await ann.say(send('user:ben', 1));
    await ann.say(send('room:2', 1));
    await node.append('for all');
    await Promise.all([ann.untilSaid(1), ben.untilSaid(2), tab.untilSaid(1), carl.untilSaid(1), listener.untilSeq(1)]);
    expect(ann.said).toEqual(['room:1 ann 1']);
    expect(ben.said).toEqual(['room:1 ann 1', 'user:ben ann 1']);
    expect(tab.said).toEqual(['user:ben ann 1']);
    expect(carl.said).toEqual(['room:2 ann 1']);
    expect(listener.told).toMatchObject([{ kind: 'message' }]);
    expect(listener.heard).toEqual([]);
    expect(listener.signals).toEqual([]);
    listener.close();
  });

  test('many commands wait for their answers at once, and are done in order and once', async () => {
    await using node = await open();
    const ann = await join({ port: node.port, values, user: 'ann', channels: ['room:1'] });
    const said = numbers(1, 200).map((n) => send('room:1', n, 'x'.repeat(1000)));
    const answers = await Promise.all(said.map(async (command) => ann.say(command)));
    await ann.untilSaid(200);
    expect(ann.said).toEqual(numbers(1, 200).map((n) => `room:1 ann ${n}`));
    expect(answers).toEqual(ann.sequence.map((seq) => ({ seq })));
    expect(await ann.say(send('room:1', 200, 'x'))).toEqual({ ...answers.at(-1), again: true });
    expect(await ann.say(send('room:1', 202))).toMatchObject({ reason: 'out-of-order' });
  });

  test('joining and leaving count from the numbers in their answers, and a return from the last one', async () => {
    await using node = await open();
    const { port } = node;
    const ann = await join({ port, values, user: 'ann', channels: [] });
    const ben = await join({ port, values, user: 'ben', channels: ['room:1'] });
    await ann.say(send('room:1', 1));
    const joined = await ann.say({ type: 'join', channel: 'room:1' });
    await ann.say(send('room:1', 2));
    await ann.say({ type: 'leave', channel: 'room:1' });
    await ann.say(send('room:1', 3));
    await ann.say(send('user:ann', 1));
    await Promise.all([ann.untilSaid(2), ben.untilSaid(3)]);
    expect(ann.said).toEqual(['room:1 ann 2', 'user:ann ann 1']);
    expect(ann.sequence[0]).toBeGreaterThan('seq' in joined ? (joined.seq ?? 0) : Number.NaN);
    ben.close();
    await ann.say(send('room:1', 4));
    const position = { kind: 'after', seq: ben.sequence.at(-1) ?? 0 } as const;
    const back = await join({ port, values, user: 'ben', channels: ['room:1'], position });
    await back.untilSaid(1);
    expect(back.said).toEqual(['room:1 ann 4']);
  });

  test('whoever comes is welcomed, and is told who writes', async () => {
    await using node = await open();
    const { port } = node;
    const ann = await join({ port, values, user: 'ann', channels: ['room:1', 'presence'] });
    const ben = await join({ port, values, user: 'ben', channels: ['room:2'] });
    expect(await ben.say({ type: 'typing', channel: 'room:1' })).toEqual({ seq: null });
    await ann.until(({ signals }) => signals.length === 2);
    await ben.until(({ signals }) => signals.length === 1);
    expect(ann.signals).toMatchObject([
      { signal: 'welcome', user: 'ann', online: 1 },
      { signal: 'typing', channel: 'room:1', from: 'ben' },
    ]);
    expect(ben.signals).toMatchObject([{ signal: 'welcome', user: 'ben', online: 2 }]);
    ben.close();
    await ann.until(({ heard }) => heard.length === 3);
    expect(ann.lines).toEqual(numbers(1, 3).map((n) => `presence node:1 ${n}`));
  });

  test('whoever does not answer is gone within two heartbeats', REAL_TIME, async () => {
    await using node = await openTestNode({ transport: 'socketio', values, heartbeatMs: 300 });
    await using relay = await openTestRelay(node.port);
    const ann = await join({ port: node.port, values, user: 'ann', channels: ['presence'] });
    await join({ port: relay.port, values, user: 'ben', channels: [] });
    await ann.until(({ heard }) => heard.length === 2);
    relay.stall();
    using clock = new LoopClock();
    await ann.until(({ heard }) => heard.length === 3);
    expect(clock.elapsedMs).toBeLessThan(2 * 300 + 50);
  });
});

test('a listener without a name gets what it always got, and may say nothing', async () => {
  await using node = await openTestNode({ transport: 'socketio' });
  const client = new WebSocket(`ws://127.0.0.1:${node.port}/socket.io/?EIO=4&transport=websocket&since=0`);
  const frames: string[] = [];
  const hasAll = Promise.withResolvers<void>();
  client.on('message', (frame: Buffer) => {
    frames.push(frame.toString());
    if (frames.length === 1) client.send('40');
    if (frames.length === 3) client.send('427["command",{"type":"send","channel":"room:1","data":1}]');
    if (frames.length === 4) hasAll.resolve();
  });
  await node.append('first');
  await hasAll.promise;
  client.close();
  expect(frames.slice(1)).toEqual([
    expect.stringMatching(/^40\{"sid":"[\w-]{20}"\}$/),
    expect.stringMatching(/^42\["m",\{"seq":1,"dueNs":\d+,"publishedNs":\d+,"data":"first","crc":"[\da-f]{8}"\}\]$/),
    expect.stringMatching(/^437\[\{"error":".+","reason":"forbidden"\}\]$/),
  ]);
});

/** A client of the library, which can say anything. */
function stranger(port: number, options: object = {}): Socket {
  return io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false, ...options });
}

/** What comes with an event, once. */
async function next(client: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => {
    client.once(event, resolve);
  });
}

test.each([
  { auth: { user: 'ann', channels: 'room:1,room:2', since: 0 } },
  { auth: { user: 'ann', channels: ['room:1', 'room:2'] }, query: { user: 'ben', channels: 'room:3' } },
  { query: { user: 'ann', channels: 'room:1,room:2' } },
])('a client of the library says who it is and what it follows: %j', async (options) => {
  await using node = await openTestNode({ transport: 'socketio' });
  const client = stranger(node.port, options);
  expect(await next(client, 'signal')).toMatchObject({ signal: 'welcome', user: 'ann' });
  const heard = next(client, 'm');
  expect(await client.emitWithAck('command', { type: 'send', channel: 'room:2', data: 1 })).toEqual({ seq: 2 });
  expect(await heard).toMatchObject({ channel: 'room:2', from: 'ann', n: 1 });
  client.close();
});

test('a client of the library is welcomed before it is sent what it missed', async () => {
  await using node = await openTestNode({ transport: 'socketio' });
  for (const data of numbers(1, 3)) await node.append(data);
  const client = stranger(node.port, { auth: { user: 'ann', channels: 'feed', since: 0 } });
  const heard: string[] = [];
  const all = Promise.withResolvers<undefined>();
  client.onAny((event: string) => {
    heard.push(event);
    if (heard.length === 4) all.resolve(undefined);
  });
  await all.promise;
  expect(heard).toEqual(['signal', 'm', 'm', 'm']);
  client.close();
});

test.each([
  [{ auth: { user: 'a b' } }, 1008],
  [{ auth: { user: 7.5, channels: 'room 1' } }, 1008],
  [{ auth: { channels: 'user:ben' } }, 1008],
  [{ auth: { channels: { room: 1 } } }, 1008],
])('who says it wrongly is refused: %j', async (options, code) => {
  await using node = await openTestNode({ transport: 'socketio' });
  const client = stranger(node.port, options);
  expect(await next(client, 'connect_error')).toMatchObject({ data: { code } });
  client.close();
});

test('what is no command is answered so, and does no harm', async () => {
  await using node = await openTestNode({ transport: 'socketio' });
  const client = stranger(node.port, { auth: { user: 'ann' } });
  for (const said of [[], [null], ['send'], [{ type: 'send' }], [{ type: 'auth', token: 'x' }], [Buffer.from('x')]])
    expect(await client.emitWithAck('command', ...said)).toMatchObject({ reason: 'malformed' });
  client.emit('command', { type: 'send', channel: 'room:1', data: 1 });
  client.emit('something else', 1);
  expect(await client.emitWithAck('command', { type: 'send', channel: 'room:1', data: 1 })).toEqual({ seq: 3 });
  client.close();
});

test('what is nested as deep as a command can be is refused, and the node lives', async () => {
  await using node = await openTestNode({ transport: 'socketio' });
  const client = new WebSocket(`ws://127.0.0.1:${node.port}/socket.io/?EIO=4&transport=websocket&user=ann&channels=`);
  const answered = Promise.withResolvers<string>();
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  client.on('message', (frame: Buffer) => {
    const packet = frame.toString();
    if (packet.startsWith('0')) client.send('40');
    if (packet.startsWith('40')) client.send(`421["command",{"type":"send","channel":"room:1","data":${deep}}]`);
    if (packet.startsWith('43')) answered.resolve(packet);
  });
  expect(await answered.promise).toMatch(/^431\[\{.*"reason":"malformed"\}\]$/);
  client.close();
});

test('who says nothing in time, or takes leave, is not kept', async () => {
  await using node = await openTestNode({ transport: 'socketio', authMs: 100 });
  const url = `ws://127.0.0.1:${node.port}/socket.io/?EIO=4&transport=websocket`;
  const silent = new WebSocket(url);
  await once(silent, 'close');
  expect(silent.readyState).toBe(silent.CLOSED);
  const client = new WebSocket(`${url}&user=ann`);
  client.on('message', (frame: Buffer) => {
    if (frame.toString().startsWith('0')) client.send('40');
    if (frame.toString().startsWith('40')) client.send('41');
  });
  await once(client, 'close');
});

test('who asks on and takes no answer is slow', async () => {
  await using node = await openTestNode({ transport: 'socketio', slowMs: 60_000, logBytes: 1e9 });
  const client = new WebSocket(`ws://127.0.0.1:${node.port}/socket.io/?EIO=4&transport=websocket&user=ann`);
  client.on('error', () => undefined);
  await once(client, 'message');
  client.send('40');
  await once(client, 'message');
  client.pause();
  // What the kernel does not take waits in the node, and answers behind it.
  for (let round = 1; node.slowConsumers === 0; round += 1) {
    await node.append({ round, pad: 'x'.repeat(256 * 1024) });
    for (const id of numbers(1, 40)) client.send(`42${id}["command",{"type":"sing"}]`);
    await setImmediate();
  }
  expect(node.slowConsumers).toBe(1);
  client.terminate();
});
