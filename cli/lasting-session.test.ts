import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { monotonicNs } from '../scenarios/clock.ts';
import { seededRandom } from '../scenarios/feed/random.ts';
import { RECONNECT_POLICIES, type ReconnectPolicy } from '../scenarios/reconnect/policy.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import type { MessageHeader } from '../scenarios/feed/message.ts';
import type { Answer } from '../scenarios/feed/signal.ts';
import type { SessionEnd } from '../scenarios/session-end.ts';
import { headerProfile, TRANSPORT_IDS, type TransportId, transportRow, TRANSPORTS } from '../servers/registry.ts';
import { openTestNode, type TestNode } from '../servers/testing/test-node.ts';
import { hasRedis, startTestRedis } from '../servers/testing/test-redis.ts';
import { openTestRelay } from '../servers/testing/test-relay.ts';
import { bodyOf, numbers, TestSubscriber } from '../servers/testing/test-subscriber.ts';
import type { OpenSession, SessionEvents, SessionOptions } from '../servers/transport.ts';
import { librarySession } from '../load/library/clients.ts';
import { type LastingOptions, openLasting } from '../load/workers/lasting-session.ts';

const HOST = '127.0.0.1';
const QUICK: ReconnectPolicy = { ...RECONNECT_POLICIES.bare, baseMs: 5, capMs: 20 };

/** Also remembers what became of its connections. */
class LastingSubscriber extends TestSubscriber implements SessionEvents {
  readonly drops: SessionEnd[] = [];
  tried = 0;
  backs = 0;

  dropped(end: SessionEnd): void {
    this.drops.push(end);
    this.changed();
  }

  tries(): void {
    this.tried += 1;
    this.changed();
  }

  back(): void {
    this.backs += 1;
    this.changed();
  }
}

let opened: AsyncDisposableStack;

beforeEach(() => {
  opened = new AsyncDisposableStack();
});

afterEach(async () => {
  await opened.disposeAsync();
});

async function node(transport: TransportId, messages: number): Promise<TestNode> {
  const opening = opened.use(await openTestNode({ transport, closeMs: 50 }));
  for (let seq = 1; seq <= messages; seq++) await opening.appendBody(BODIES[seq - 1] ?? '');
  return opening;
}

/** The same for every node, so that two of them serve one feed. */
const BODIES = Array.from({ length: 100 }, (_, index) => bodyOf(index));

interface Follow extends Partial<LastingOptions & Pick<SessionOptions, 'member' | 'values'>> {
  readonly subscriber?: LastingSubscriber;
  readonly openSession?: OpenSession;
}

async function follow(
  transport: TransportId,
  ports: readonly number[],
  { member, values = {}, subscriber = new LastingSubscriber(), openSession, ...lasting }: Follow = {},
): Promise<LastingSubscriber> {
  const targets = ports.map((port) => ({ host: HOST, port }));
  const own = openSession ?? (await TRANSPORTS[transport].client()).openSession;
  const open = openLasting(own, { policy: QUICK, random: seededRandom(1), targets, ...lasting });
  const session = open(
    {
      host: HOST,
      port: ports[0] ?? 0,
      position: { kind: 'oldest' },
      values,
      ...(member !== undefined && { member }),
      headers: headerProfile('minimal'),
      poll: { originNs: monotonicNs(), intervalNs: 10e6 },
    },
    subscriber,
  );
  subscriber.session = session;
  opened.defer(() => session.close());
  await subscriber.until(({ openings, end }) => openings > 0 || end !== undefined);
  return subscriber;
}

test.each(TRANSPORT_IDS)('%s: who loses its node goes on at the next one, where it was', async (transport) => {
  const [first, second] = [await node(transport, 3), await node(transport, 5)];
  const client = await follow(transport, [first.port, second.port]);
  await client.untilSeq(3);
  const readBefore = client.session?.bytesRead ?? 0;
  await first.close();
  await client.untilSeq(5);
  await second.appendBody(BODIES[5] ?? '');
  await client.untilSeq(6);
  expect(client.sequence).toEqual(numbers(1, 6));
  expect(client.drops).toHaveLength(1);
  expect({ openings: client.openings, backs: client.backs, end: client.end }).toEqual({
    openings: 1,
    backs: 1,
    end: undefined,
  });
  expect(client.tried).toBeGreaterThanOrEqual(1);
  expect(client.session?.bytesRead).toBeGreaterThan(readBefore);
});

/** Its connection is cut as soon as it has that message, in the middle of those that came with it. */
class CutSubscriber extends LastingSubscriber {
  readonly #behind: number;

  constructor(behind: number) {
    super();
    this.#behind = behind;
  }

  override message(header: MessageHeader, bytes: number): void {
    super.message(header, bytes);
    if (header.seq === this.#behind && this.drops.length === 0) this.session?.cut?.();
  }
}

const CLIENTS = TRANSPORT_IDS.flatMap((transport) => [
  { client: 'native', transport, load: async () => (await TRANSPORTS[transport].client()).openSession },
  { client: 'library', transport, load: async () => librarySession(transport) },
]);

test.each(CLIENTS)(
  '$transport, $client: who is cut off in the middle of a batch has none lost and none doubled',
  async ({ transport, load }) => {
    const serving = await node(transport, 0);
    const subscriber = new CutSubscriber(3);
    const client = await follow(transport, [serving.port], { subscriber, openSession: await load() });
    for (let seq = 1; seq <= 8; seq++) await serving.appendBody(BODIES[seq - 1] ?? '');
    await client.untilSeq(8);
    expect(client.sequence).toEqual(numbers(1, 8));
    expect(client.drops).toEqual([{ code: 'cut' }]);
    expect([client.backs, client.end]).toEqual([1, undefined]);
  },
);

test.each(CLIENTS.filter(({ transport }) => transportRow(transport).page?.comesBack === true))(
  '$transport, $client: who is left alone goes where it began, and says in a header what it had last',
  async ({ transport, load }) => {
    const serving = await node(transport, 2);
    const relay = opened.use(await openTestRelay(serving.port));
    const subscriber = new CutSubscriber(4);
    const client = await follow(transport, [relay.port], { subscriber, openSession: await load(), isStock: true });
    for (let seq = 3; seq <= 4; seq++) await serving.appendBody(BODIES[seq - 1] ?? '');
    await client.until(({ drops }) => drops.length === 1);
    for (let seq = 5; seq <= 8; seq++) await serving.appendBody(BODIES[seq - 1] ?? '');
    await client.untilSeq(8);
    expect(client.sequence).toEqual(numbers(1, 8));
    expect([client.drops, client.tried, client.backs, client.end]).toEqual([[{ code: 'cut' }], 1, 1, undefined]);
    expect(relay.asked.map((request) => /since=\d+/.exec(request)?.[0])).toEqual(['since=0', 'since=0']);
    expect(relay.asked.map((request) => /^last-event-id: (\d+)/im.exec(request)?.[1])).toEqual([undefined, '4']);
  },
);

test('who is away already, or has been closed, cannot be cut off', async () => {
  const serving = await node('websocket', 1);
  const client = await follow('websocket', [serving.port], { policy: { ...QUICK, baseMs: 60_000, capMs: 60_000 } });
  await client.untilSeq(1);
  for (let time = 0; time < 2; time++) client.session?.cut?.();
  expect(client.drops).toHaveLength(1);
  client.session?.close();
  client.session?.cut?.();
  expect([client.drops.length, client.end]).toEqual([1, undefined]);
});

test('who comes back to a server that remembers sessions shows the one that it had, and says no number', async () => {
  const values = { recovery: 'library' } as const;
  const remembering = opened.use(await openTestNode({ transport: 'socketio', values }));
  const relay = opened.use(await openTestRelay(remembering.port));
  const client = await follow('socketio', [relay.port], { values });
  for (const data of ['one', 'two']) await remembering.append(data);
  await client.untilSeq(2);
  relay.down();
  await client.until(({ drops }) => drops.length === 1);
  for (const data of ['three', 'four']) await remembering.append(data);
  relay.up();
  await client.untilSeq(4);
  relay.down();
  await client.until(({ drops }) => drops.length === 2);
  await remembering.append('five');
  relay.up();
  await client.untilSeq(5);
  expect(client.sequence).toEqual(numbers(1, 5));
});

test('a try that fails is followed by one at the next node, and is no drop', async () => {
  const [first, dead, third] = [await node('websocket', 1), await node('websocket', 0), await node('websocket', 2)];
  const client = await follow('websocket', [first.port, dead.port, third.port]);
  await client.untilSeq(1);
  await dead.close();
  await first.close();
  await client.untilSeq(2);
  expect([client.drops.length, client.tried, client.backs]).toEqual([1, 2, 1]);
  // Whoever was back begins anew with its tries.
  await third.close();
  await client.until(({ drops }) => drops.length === 2);
});

test('a first connection that does not come about is lost at once', async () => {
  const gone = await node('websocket', 0);
  await gone.close();
  const client = await follow('websocket', [gone.port]);
  expect(client.end).toMatchObject({ code: 'unreachable' });
  expect(client.tried).toBe(0);
});

test.each([
  [1000, true],
  [4001, true],
  [1001, false],
  [1012, false],
] as const)('after a close with %d it stays away: %s', async (code, staysAway) => {
  const server = new WebSocketServer({ host: HOST, port: 0 });
  await once(server, 'listening');
  opened.defer(() => server.close());
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    if (connections === 1) socket.close(code);
  });
  const client = await follow('websocket', [(server.address() as AddressInfo).port]);
  await client.until(({ end, backs }) => end !== undefined || backs > 0);
  expect(client.end !== undefined).toBe(staysAway);
  expect(connections).toBe(staysAway ? 1 : 2);
  for (const socket of server.clients) socket.terminate();
});

test('who may try twice gives up after two tries, and says how the last one ended', async () => {
  const only = await node('websocket', 1);
  const client = await follow('websocket', [only.port], { policy: { ...QUICK, retries: 2 } });
  await only.close();
  await client.until(({ end }) => end !== undefined);
  expect(client.drops).toEqual([expect.objectContaining({ code: 'websocket-close', closeCode: 1001 })]);
  expect(client.end).toMatchObject({ code: 'unreachable' });
  expect(client.tried).toBe(2);
});

test.each(TRANSPORT_IDS)('%s: a node that is behind says nothing twice', async (transport) => {
  const [first, behind] = [await node(transport, 5), await node(transport, 3)];
  const client = await follow(transport, [first.port, behind.port]);
  await client.untilSeq(5);
  await first.close();
  await client.until(({ backs }) => backs === 1);
  for (let seq = 4; seq <= 7; seq++) await behind.appendBody(BODIES[seq - 1] ?? '');
  await client.untilSeq(7);
  expect(client.sequence).toEqual(numbers(1, 7));
  expect(client.notices).toEqual([]);
});

test('a watchdog gives up a connection on which nothing comes', async () => {
  const [first, second] = [await node('websocket', 1), await node('websocket', 2)];
  const client = await follow('websocket', [first.port, second.port], { silentMs: 40 });
  await client.untilSeq(2);
  expect(client.sequence).toEqual([1, 2]);
  expect(client.drops[0]).toEqual({ code: 'silent' });
});

test('a try that comes to nothing is given up too', async () => {
  const [first, second] = [await node('websocket', 1), await node('websocket', 2)];
  const relay = opened.use(await openTestRelay(first.port));
  const client = await follow('websocket', [first.port, relay.port, second.port], { openMs: 30 });
  await client.untilSeq(1);
  // It takes connections, and what was asked is never answered.
  relay.stall();
  await first.close();
  await client.untilSeq(2);
  expect(client.backs).toBe(1);
});

test('who closes while it is away tries no more', async () => {
  const only = await node('websocket', 1);
  const client = await follow('websocket', [only.port], { policy: { ...QUICK, baseMs: 60_000, capMs: 60_000 } });
  await only.close();
  await client.until(({ drops }) => drops.length === 1);
  client.close();
  expect([client.tried, client.end]).toEqual([0, undefined]);
});

const ROOM = 'room:1';
const SAID = 30;
const HEARD = 10;

test.each(TRANSPORT_IDS)(
  '%s: what was said when the connection broke is said again at the next node, and is in the log once',
  needs(hasRedis, 'redis-server is not installed'),
  async (transport) => {
    const redis = opened.use(await startTestRedis());
    const shared = { transport, backplane: 'redis', redisUrl: redis.url, feed: randomUUID(), closeMs: 50 } as const;
    const [first, second] = [opened.use(await openTestNode(shared)), opened.use(await openTestNode(shared))];
    const relay = opened.use(await openTestRelay(first.port));
    const client = await follow(transport, [relay.port, second.port], { member: { user: 'ann', channels: [ROOM] } });
    const say = async (n: number): Promise<Answer> => client.say({ type: 'send', channel: ROOM, n, data: n });
    await Promise.all(numbers(1, HEARD).map(say));
    // Of what is said from here on something is in the log, and no answer comes.
    relay.stall();
    const before = first.appended;
    const answers = Promise.all(numbers(HEARD + 1, SAID).map(say));
    await first.until(({ appended }) => appended > before);
    relay.down();
    expect((await answers).filter((answer) => 'error' in answer)).toEqual([]);
    expect((await answers).filter((answer) => 'again' in answer).length).toBeGreaterThan(0);
    await client.untilIn(ROOM, SAID);
    expect(client.in(ROOM)).toEqual(numbers(1, SAID));
    expect(client.drops).toHaveLength(1);
  },
);

test('what was joined is followed at the next node, and what was left is not', async () => {
  const [first, second] = [await node('websocket', 0), await node('websocket', 0)];
  const member = { user: 'ann', channels: ['room:1', 'room:2'] };
  const client = await follow('websocket', [first.port, second.port], { member });
  await client.say({ type: 'join', channel: 'room:3' });
  await client.say({ type: 'leave', channel: 'room:1' });
  await first.close();
  await client.until(({ backs }) => backs === 1);
  for (const channel of ['room:1', 'room:2', 'room:3'])
    await client.say({ type: 'send', channel, n: 1, data: channel });
  await client.untilIn('room:3', 1);
  expect(['room:1', 'room:2', 'room:3'].map((channel) => client.in(channel))).toEqual([[], ['room:2'], ['room:3']]);
});
