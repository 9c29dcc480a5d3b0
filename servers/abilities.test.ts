import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userChannel } from '../scenarios/feed/channels.ts';
import type { SendCommand } from '../scenarios/feed/command.ts';
import type { ValueOf } from '../scenarios/dimensions.ts';
import type { SessionEnd } from '../scenarios/session-end.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { newTokenIssuer } from '../scenarios/tokens.ts';
import { ABILITIES, ABILITY_IDS, type Ability } from './abilities.ts';
import { BACKPLANE_IDS, BACKPLANES, type BackplaneId } from './backplanes.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from './registry.ts';
import { LoopClock } from '../scenarios/testing/loop-clock.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from './testing/test-redis.ts';
import { openTestRelay, type TestRelay } from './testing/test-relay.ts';
import { numbers, subscribe, type TestSubscriber } from './testing/test-subscriber.ts';
import type { SessionCommand } from './transport.ts';

/**
 * Every ability of every transport's clients, over every backplane whose nodes have one log. Over one that can have several
 * nodes there are two, and clients are dealt out among them.
 */

const SHARED = BACKPLANE_IDS.filter((id) => BACKPLANES[id].sharesLog);

const HEARTBEAT_MS = 300;
/** As long as a client that says nothing of itself is borne with. */
const AUTH_MS = 300;
/** What is found within two intervals may be found a little later on a busy machine. */
const FOUND_WITHIN_MS = 3 * HEARTBEAT_MS;

const issuer = newTokenIssuer();
let redis: TestRedis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

interface Asked {
  readonly channels?: readonly string[];
  readonly token?: string;
  readonly auth?: ValueOf<'auth'>;
  /** Behind this number; absent: from the beginning. */
  readonly after?: number;
  readonly relay?: TestRelay;
}

/** Two nodes of one feed, where the backplane has that, and the clients that come to them in turn. */
class Stand implements AsyncDisposable {
  readonly transport: TransportId;
  readonly nodes: readonly TestNode[];
  readonly #opened = new AsyncDisposableStack();
  #next = 0;

  constructor(transport: TransportId, nodes: readonly TestNode[]) {
    this.transport = transport;
    this.nodes = nodes;
    for (const node of nodes) this.#opened.use(node);
  }

  get node(): TestNode {
    const node = this.nodes[this.#next % this.nodes.length];
    if (node === undefined) throw new Error('a stand has nodes');
    return node;
  }

  /** To the next node, whether it is let in or not. */
  async ask(user: string, { channels = [], token, auth = 'none', after, relay }: Asked = {}): Promise<TestSubscriber> {
    const port = relay?.port ?? this.node.port;
    this.#next += 1;
    const subscriber = await subscribe({
      transport: this.transport,
      port,
      values: { auth },
      member: { user, channels, ...(token !== undefined && { token }) },
      ...(after !== undefined && { position: { kind: 'after', seq: after } as const }),
    });
    this.#opened.defer(() => subscriber.close());
    return subscriber;
  }

  async enter(user: string, asked: Asked = {}): Promise<TestSubscriber> {
    const subscriber = await this.ask(user, asked);
    if (subscriber.lostReason !== undefined) throw new Error(`${user} did not come in: ${subscriber.lostReason}`);
    return subscriber;
  }

  async relayed(): Promise<TestRelay> {
    return this.#opened.use(await openTestRelay(this.node.port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

async function openStand({ transport, backplane, tokens }: Served): Promise<Stand> {
  const options: TestNodeOptions = {
    transport,
    backplane,
    feed: randomUUID(),
    heartbeatMs: HEARTBEAT_MS,
    authMs: AUTH_MS,
    // Who polls is taken for gone after it.
    awayMs: HEARTBEAT_MS,
    ...(tokens && { tokens: issuer.rules }),
    ...(redis !== undefined && { redisUrl: redis.url }),
  };
  const count = BACKPLANES[backplane].needsRedis ? 2 : 1;
  return new Stand(transport, await Promise.all(numbers(1, count).map(async () => openTestNode(options))));
}

interface Served {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
  /** Whether its nodes want some. */
  readonly tokens: boolean;
}

/** Good for a minute, or until a moment ago. */
async function tokenOf(user: string, seconds = 60): Promise<string> {
  return issuer.issue(user, Math.floor(Date.now() / 1000) + seconds);
}

/** With a token there, who is let in is told so and may talk. */
function showing(auth: ValueOf<'auth'>): Claim {
  return {
    tokens: true,
    expect: async (stand) => {
      const ann = await stand.enter('ann', { token: await tokenOf('ann'), auth, channels: ['room:1'] });
      const ben = await stand.enter('ben', { token: await tokenOf('ben'), auth, channels: ['room:1'] });
      const seq = await numberOf(ann, said('room:1', 'it is me'));
      await ben.untilIn('room:1', 1);
      expect(ben.heard).toMatchObject([{ seq, from: 'ann', data: 'it is me' }]);
    },
  };
}

/** How a client that is not let in, or has to go, sees it. */
function expectRefusal(end: SessionEnd | undefined, closeCodes: readonly number[]): void {
  const ways = closeCodes.flatMap((closeCode) => [
    { code: 'websocket-close', closeCode },
    { code: 'socketio-packet', packet: 'connect-error', refusalCode: closeCode },
    { code: 'socketio-packet', packet: 'disconnect' },
  ]);
  expect(
    [{ code: 'http-status', status: 401 }, ...ways].map((way) => expect.objectContaining(way) as unknown),
  ).toContainEqual(end);
}

/** Where a request or a connection of this transport shows a token; any of them will do. */
function someAuth(transport: TransportId): ValueOf<'auth'> {
  return transportRow(transport).exemptions?.['token-header'] === undefined ? 'header' : 'url';
}

function said(channel: string, data: SendCommand['data'], n?: number): SessionCommand {
  return { type: 'send', channel, data, ...(n !== undefined && { n }) };
}

/** Whoever says it is told its number. */
async function numberOf(subscriber: TestSubscriber, command: SessionCommand): Promise<number> {
  const answer = await subscriber.say(command);
  if (!('seq' in answer) || answer.seq === null) throw new Error(`no number: ${JSON.stringify(answer)}`);
  return answer.seq;
}

interface Claim {
  readonly tokens: true;
  readonly expect: (stand: Stand) => Promise<void>;
}

const CLAIMS: Readonly<Record<Ability, Claim | ((stand: Stand) => Promise<void>)>> = {
  say: async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1'] })];
    const seq = await numberOf(ann, said('room:1', { text: 'größer' }, 1));
    await ben.untilIn('room:1', 1);
    expect(ben.heard).toEqual([{ seq, channel: 'room:1', from: 'ann', n: 1, data: { text: 'größer' } }]);
    expect(await numberOf(ben, said('room:1', 'back'))).toBeGreaterThan(seq);
  },
  'say-again': async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1'] })];
    const first = await numberOf(ann, said('room:1', 'one', 1));
    expect(await ann.say(said('room:1', 'one', 1))).toEqual({ seq: first, again: true });
    // From another connection, to another node where there is one.
    await stand.enter('carl');
    const again = await stand.enter('ann');
    expect(await again.say(said('room:1', 'one', 1))).toEqual({ seq: first, again: true });
    expect(await again.say(said('room:1', 'three', 3))).toMatchObject({ reason: 'out-of-order' });
    await numberOf(again, said('room:1', 'two', 2));
    await ben.untilIn('room:1', 2);
    expect(ben.in('room:1')).toEqual(['one', 'two']);
  },
  'say-many': async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1'] })];
    const seqs = await Promise.all(numbers(1, 60).map(async (n) => numberOf(ann, said('room:1', n, n))));
    await ben.untilIn('room:1', 60);
    expect(ben.in('room:1')).toEqual(numbers(1, 60));
    expect(ben.heard.map(({ seq }) => seq)).toEqual(seqs);
  },
  'say-large': async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1'] })];
    const large = ['x'.repeat(60_000), '🛰️ größer 数 '.repeat(2000), '"quoted"\n\u2028\u0000\\ back', ''];
    for (const data of large) await numberOf(ann, said('room:1', data));
    await ben.untilIn('room:1', large.length);
    expect(ben.in('room:1')).toEqual(large);
    expect(ben.intact).toBe(true);
  },
  follow: async (stand) => {
    const ann = await stand.enter('ann');
    const ben = await stand.enter('ben', { channels: ['room:1', 'room:2'] });
    const listener = await subscribe({ transport: stand.transport, port: stand.node.port });
    for (const room of ['room:3', 'room:1', 'room:3', 'room:2']) await numberOf(ann, said(room, room));
    await stand.nodes[0]?.append('for listeners');
    const last = await numberOf(ann, said('room:1', 'the last'));
    await ben.untilSeq(last);
    await listener.until(({ told }) => told.some(({ kind }) => kind === 'message'));
    expect(ben.heard.map(({ data }) => data)).toEqual(['room:1', 'room:2', 'the last']);
    expect(ben.notices).toEqual([]);
    expect(listener.heard).toEqual([]);
    expect(listener.sequence).toHaveLength(1);
    listener.close();
  },
  direct: async (stand) => {
    const [ann, carl] = [await stand.enter('ann'), await stand.enter('carl', { channels: ['room:1'] })];
    const tabs = [await stand.enter('ben'), await stand.enter('ben')];
    await numberOf(ann, said(userChannel('ben'), 'only you'));
    for (const tab of tabs) await tab.untilIn(userChannel('ben'), 1);
    const last = await numberOf(ann, said('room:1', 'all'));
    await carl.untilSeq(last);
    expect(carl.heard.map(({ data }) => data)).toEqual(['all']);
  },
  join: async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:2'] })];
    // Whoever joins by what it asks for next asks from where it is, and so may have it.
    const seqs = [await numberOf(ann, said('room:1', 'before'))];
    const joined = await numberOf(ben, { type: 'join', channel: 'room:1' });
    for (const data of ['one', 'two']) seqs.push(await numberOf(ann, said('room:1', data)));
    await ben.untilSeq(seqs[2] ?? 0);
    const came = ben.heard.filter(({ channel }) => channel === 'room:1').map(({ seq }) => seq);
    expect(came.filter((seq) => seq > joined)).toEqual(seqs.filter((seq) => seq > joined));
    expect(came.filter((seq) => seq <= joined)).toEqual([]);
  },
  leave: async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1', 'room:2'] })];
    const before = await numberOf(ann, said('room:1', 'before'));
    await ben.untilSeq(before);
    const left = await numberOf(ben, { type: 'leave', channel: 'room:1' });
    await numberOf(ann, said('room:1', 'after'));
    const last = await numberOf(ann, said('room:2', 'the last'));
    await ben.untilSeq(last);
    expect(ben.heard.filter(({ channel }) => channel === 'room:1').every(({ seq }) => seq <= left)).toBe(true);
    expect(ben.heard.at(-1)?.data).toBe('the last');
  },
  resume: async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1'] })];
    const after = await numberOf(ann, said('room:1', 'before'));
    await ben.untilSeq(after);
    ben.close();
    for (const [room, data] of [
      ['room:1', 'one'],
      ['room:2', 'other'],
      [userChannel('ben'), 'direct'],
      ['room:1', 'two'],
    ] as const)
      await numberOf(ann, said(room, data));
    const back = await stand.enter('ben', { channels: ['room:1'], after });
    await back.untilIn('room:1', 2);
    expect(back.heard.map(({ data }) => data)).toEqual(['one', 'direct', 'two']);
    expect(back.notices).toEqual([]);
  },
  presence: async (stand) => {
    const ann = await stand.enter('ann', { channels: ['presence'] });
    const tabs = [await stand.enter('ben'), await stand.enter('ben')];
    const changes = (user: string): unknown[] =>
      ann.in('presence').filter((data) => (data as { user: string }).user === user);
    await ann.until(() => changes('ben').length > 0);
    tabs[0]?.close();
    await stand.enter('carl');
    await ann.until(() => changes('carl').length > 0);
    expect(changes('ben')).toEqual([{ type: 'user_joined', user: 'ben' }]);
    tabs[1]?.close();
    await ann.until(() => changes('ben').length > 1);
    expect(changes('ben').slice(1)).toEqual([{ type: 'user_left', user: 'ben' }]);
  },
  welcome: async (stand) => {
    const welcomeOf = async (user: string): Promise<unknown> => {
      const subscriber = await stand.enter(user);
      await subscriber.until(({ signals }) => signals.length > 0);
      return subscriber.signals[0];
    };
    expect(await welcomeOf('ann')).toMatchObject({ signal: 'welcome', user: 'ann', online: 1 });
    expect(await welcomeOf('ben')).toMatchObject({ signal: 'welcome', user: 'ben', online: 2 });
  },
  typing: async (stand) => {
    const [ann, ben] = [await stand.enter('ann'), await stand.enter('ben', { channels: ['room:1'] })];
    expect(await ann.say({ type: 'typing', channel: 'room:1' })).toEqual({ seq: null });
    const typing = { signal: 'typing', channel: 'room:1', from: 'ann' };
    await ben.until(({ signals }) => signals.some(({ signal }) => signal === 'typing'));
    expect(ben.signals.filter(({ signal }) => signal === 'typing')).toEqual([typing]);
  },
  forbid: async (stand) => {
    const ann = await stand.enter('ann');
    for (const channel of ['feed', 'presence'])
      expect(await ann.say(said(channel, 'x'))).toMatchObject({ reason: 'forbidden' });
    expect(await ann.say({ type: 'join', channel: userChannel('ben') })).toMatchObject({ reason: 'forbidden' });
    const member = { user: 'ann', channels: [userChannel('ben')] };
    const spy = await subscribe({ transport: stand.transport, port: stand.node.port, member });
    await spy.until(({ end }) => end !== undefined);
    expect(spy.heard).toEqual([]);
  },
  'token-url': showing('url'),
  'token-message': showing('message'),
  'token-header': showing('header'),
  'token-cookie': showing('cookie'),
  refusal: {
    tokens: true,
    expect: async (stand) => {
      const auth = someAuth(stand.transport);
      const ann = await stand.enter('ann', { token: await tokenOf('ann'), auth, channels: ['presence'] });
      const refused = await Promise.all([
        stand.ask('ben'),
        stand.ask('ben', { token: 'no.token.atall', auth }),
        stand.ask('ben', { token: await tokenOf('ben', -1), auth }),
      ]);
      for (const [index, client] of refused.entries()) {
        await client.until(({ end }) => end !== undefined);
        expectRefusal(client.end, [index === 0 ? 4002 : 4001]);
        expect(client.heard).toEqual([]);
      }
      await stand.enter('carl', { token: await tokenOf('carl'), auth });
      await ann.until(() => ann.in('presence').length >= 2);
      expect(JSON.stringify(ann.heard)).not.toContain('"ben"');
    },
  },
  expiry: {
    tokens: true,
    expect: async (stand) => {
      const auth = someAuth(stand.transport);
      const token = await tokenOf('ann', 2);
      const ann = await stand.enter('ann', { token, auth });
      const there = await stand.enter('ben', { token: await tokenOf('ben'), auth });
      await ann.until(({ end }) => end !== undefined);
      // An event stream has no words for its end: whoever comes back is told.
      const { connectsBy } = transportRow(stand.transport);
      const back = connectsBy === 'events' ? await stand.ask('ann', { token, auth }) : ann;
      await back.until(({ end }) => end !== undefined);
      expectRefusal(back.end, [4001]);
      expect(there.end).toBeUndefined();
    },
  },
  'half-open': async (stand) => {
    const ann = await stand.enter('ann', { channels: ['presence'] });
    const relay = await stand.relayed();
    await stand.enter('ben', { relay });
    const changesOfBen = (): number =>
      ann.in('presence').filter((data) => (data as { user: string }).user === 'ben').length;
    await ann.until(() => changesOfBen() === 1);
    relay.stall();
    using clock = new LoopClock();
    await ann.until(() => changesOfBen() === 2);
    expect(clock.elapsedMs).toBeLessThan(FOUND_WITHIN_MS);
    relay.resume();
  },
};

/** What a test of an ability expects is in its claim. */
async function expectThat(claim: (typeof CLAIMS)[Ability], stand: Stand): Promise<void> {
  await (typeof claim === 'function' ? claim(stand) : claim.expect(stand));
}

const rows = TRANSPORT_IDS.flatMap((transport) => SHARED.map((backplane) => ({ transport, backplane })));

function testAbility(id: Ability, { transport, backplane }: (typeof rows)[number]): void {
  const claim = CLAIMS[id];
  const needed = needs(hasRedis || !BACKPLANES[backplane].needsRedis, 'redis-server is not installed');
  const { [id]: exemption } = transportRow(transport).exemptions ?? {};
  const options = exemption === undefined ? needed : needs(false, exemption);
  test(`it ${ABILITIES[id]}`, { ...REAL_TIME, ...options }, async () => {
    await using stand = await openStand({ transport, backplane, tokens: typeof claim === 'object' });
    await expectThat(claim, stand);
  });
}

/** A token is good for whole seconds: what waits for its end does that beside the others that do. */
const WAITING: Ability = 'expiry';

describe.each(rows)('a client of $transport over $backplane', (row) => {
  for (const id of ABILITY_IDS) if (id !== WAITING) testAbility(id, row);
});

describe.concurrent.each(rows)('a client of $transport over $backplane', (row) => {
  testAbility(WAITING, row);
});
