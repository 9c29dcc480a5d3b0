import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { openTestRelay, type TestRelay } from '../testing/test-relay.ts';
import { numbers } from '../testing/test-subscriber.ts';
import type { BackplaneOptions } from './backplane.ts';
import { openBackplane } from './redis.ts';
import { ConversingNode } from './testing/conversing-node.ts';
import { FedLog } from './testing/fed-log.ts';

/** Who is shown online is who is connected, whatever happens to nodes, to Redis, and to what is between them. */

let redis: TestRedis;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  if (hasRedis) await redis[Symbol.asyncDispose]();
});

async function open(options: Partial<BackplaneOptions> = {}): Promise<FedLog> {
  return new FedLog().open(openBackplane, { redisUrl: redis.url, historyMessages: 10_000, ...options });
}

async function openRelay(): Promise<TestRelay> {
  return openTestRelay(Number(new URL(redis.url).port));
}

const joined = (user: string) => ({ type: 'user_joined', user });
const left = (user: string) => ({ type: 'user_left', user });

async function untilOnline(fed: FedLog, users: readonly string[]): Promise<void> {
  await expect
    .poll(async () => (await fed.presence.snapshot()).users.toSorted(), { timeout: 10_000, interval: 10 })
    .toEqual(users.toSorted());
}

/** A user comes, and goes, and comes, and no node leaves a number of its own out. */
function expectConsistent(fed: FedLog): void {
  for (const [user, changes] of Map.groupBy(fed.changes, (change) => change.user))
    expect(changes).toEqual(changes.map((_, index) => (index % 2 === 0 ? joined(user) : left(user))));
  const bySender = Map.groupBy(fed.messages, ({ origin }) => origin?.from);
  for (const messages of bySender.values())
    expect(messages.map(({ origin }) => origin?.n)).toEqual(numbers(1, messages.length));
  expect(fed.messages.every(({ intact }) => intact)).toBe(true);
}

/** Resolves when one of the nodes was heard. */
async function untilBeat(feed: string): Promise<void> {
  const newest = async (): Promise<string | undefined> =>
    (await redis.admin.zrange(`feedbench:{${feed}}:nodes`, '0', '-1', 'WITHSCORES')).at(-1);
  const before = await newest();
  await expect.poll(newest, { interval: 10, timeout: 5000 }).not.toBe(before);
}

interface Round {
  readonly moves: readonly { readonly node: number; readonly user: string }[];
  readonly cut: number | undefined;
  readonly buries: boolean;
}

const someRound: fc.Arbitrary<Round> = fc.record({
  moves: fc.array(fc.record({ node: fc.nat(2), user: fc.constantFrom('ann', 'ben', 'cas', 'dan') }), { maxLength: 8 }),
  cut: fc.option(fc.nat(2), { nil: undefined }),
  buries: fc.boolean(),
});

interface Stand extends AsyncDisposable {
  readonly relays: readonly TestRelay[];
  readonly witness: FedLog;
  move(node: number, user: string): void;
  online(): string[];
  /** One of the nodes is not known any more. */
  untilBuried(): Promise<void>;
}

async function openStand(): Promise<Stand> {
  await using opened = new AsyncDisposableStack();
  const options = { feed: randomUUID(), heartbeatMs: 200 };
  const witness = opened.use(await open(options));
  const relays = await Promise.all(numbers(1, 3).map(async () => opened.use(await openRelay())));
  const nodes = await Promise.all(
    relays.map(async ({ port }) => opened.use(await open({ ...options, redisUrl: `redis://127.0.0.1:${port}` }))),
  );
  const here = nodes.map(() => new Set<string>());
  const names = `feedbench:{${options.feed}}:nodes`;
  const closing = opened.move();
  return {
    relays,
    witness,
    move: (node, user) => {
      if (here[node]?.delete(user) === true) {
        nodes[node]?.presence.depart(user);
        return;
      }
      here[node]?.add(user);
      nodes[node]?.presence.arrive(user);
    },
    online: () => [...new Set(here.flatMap((users) => [...users]))],
    untilBuried: async () => {
      await expect.poll(async () => redis.admin.zcard(names), { interval: 20, timeout: 5000 }).toBe(3);
    },
    [Symbol.asyncDispose]: async () => closing.disposeAsync(),
  };
}

/** Who is online, as the messages tell. */
function onlineBy(fed: FedLog): string[] {
  const online = new Set<string>();
  for (const { type, user } of fed.changes) {
    if (type === 'user_joined') online.add(user);
    else online.delete(user);
  }
  return [...online].toSorted();
}

describe('presence over Redis', needs(hasRedis, 'redis-server is not installed'), () => {
  test('two tabs of a user at two nodes are one user, until both are closed', async () => {
    const feed = randomUUID();
    await using first = await open({ feed });
    await using second = await open({ feed });
    first.presence.arrive('ann');
    await untilOnline(second, ['ann']);
    second.presence.arrive('ann');
    second.presence.arrive('ben');
    await untilOnline(first, ['ann', 'ben']);
    first.presence.depart('ann');
    first.presence.depart('nobody');
    first.presence.arrive('cas');
    await untilOnline(second, ['ann', 'ben', 'cas']);
    second.presence.depart('ann');
    await untilOnline(first, ['ben', 'cas']);
    await first.untilSeq(4);
    expect(first.changes).toEqual([joined('ann'), joined('ben'), joined('cas'), left('ann')]);
    expectConsistent(first);
  });

  test('who is back at another node before the first one knows that they went has not left', async () => {
    const feed = randomUUID();
    await using first = await open({ feed });
    await using second = await open({ feed });
    for (let round = 0; round < 10; round++) {
      const [here, there] = round % 2 === 0 ? [first, second] : [second, first];
      // Who comes behind is a mark: what was before it is done.
      here.presence.arrive('ann');
      here.presence.arrive(`here ${round}`);
      await expect.poll(async () => here.presence.online('ann')).toBe(2 * round + 2);
      there.presence.depart('ann');
      there.presence.arrive(`there ${round}`);
      await expect.poll(async () => here.presence.online('ann')).toBe(2 * round + 3);
    }
    const { seq } = await first.presence.snapshot();
    expect(seq).toBe(21);
    expect(first.changes.filter(({ user }) => user === 'ann')).toEqual([joined('ann')]);
    expectConsistent(first);
  });

  test('a node that closes takes its users with it at once, more than go into one step', async () => {
    const feed = randomUUID();
    await using stays = await open({ feed });
    const closes = await open({ feed });
    const users = numbers(1, 250).map((index) => `u${index}`);
    for (const user of users) closes.presence.arrive(user);
    stays.presence.arrive('u7');
    await stays.untilSeq(250);
    await closes.close();
    const { users: online, seq } = await stays.presence.snapshot();
    expect([online, seq]).toEqual([['u7'], 499]);
    expect(stays.changes.filter(({ type }) => type === 'user_left')).toHaveLength(249);
    expectConsistent(stays);
    expect(await redis.admin.zcard(`feedbench:{${feed}}:nodes`)).toBe(1);
  });

  test('a snapshot has a number that the log of its node has too', async () => {
    const feed = randomUUID();
    await using writer = await open({ feed });
    await using reader = await open({ feed });
    for (let round = 0; round < 50; round++) {
      void writer.append(round);
      writer.presence.arrive(`u${round}`);
      const { seq, users } = await reader.presence.snapshot();
      expect(reader.log.latest).toBeGreaterThanOrEqual(seq);
      const comers = reader.messages.filter((message) => message.seq <= seq && message.origin !== undefined);
      expect(users).toHaveLength(comers.length);
    }
  });

  test('a node that is killed is noticed within two heartbeats, and its users leave once', REAL_TIME, async () => {
    const feed = randomUUID();
    const heartbeatMs = 1500;
    await using first = await open({ feed, heartbeatMs });
    await using second = await open({ feed, heartbeatMs });
    await using dies = await ConversingNode.open({ redisUrl: redis.url, feed, heartbeatMs });
    const users = numbers(1, 150).map((index) => `u${index}`);
    dies.arrive(...users);
    second.presence.arrive('u1');
    await first.untilSeq(150);
    await dies.kill();
    const diedAtMs = performance.now();
    await untilOnline(first, ['u1']);
    expect(performance.now() - diedAtMs).toBeLessThan(2 * heartbeatMs);
    await first.untilSeq(299);
    await second.untilSeq(299);
    expect(second.changes.slice(150).map(({ type }) => type)).toEqual(users.slice(1).map(() => 'user_left'));
    expectConsistent(second);
    // Nobody tells of it again.
    await expect.poll(async () => redis.admin.zcard(`feedbench:{${feed}}:nodes`)).toBe(2);
    expect(first.log.latest).toBe(299);
  });

  test('a node that stood still, and wakes after its burial, is there again with its users', REAL_TIME, async () => {
    const feed = randomUUID();
    const heartbeatMs = 400;
    await using stays = await open({ feed, heartbeatMs });
    await using stops = await ConversingNode.open({ redisUrl: redis.url, feed, heartbeatMs });
    stops.arrive('ann', 'ben');
    await untilOnline(stays, ['ann', 'ben']);
    stops.signal('SIGSTOP');
    await untilOnline(stays, []);
    // What it was told while it stood, it does when it wakes.
    stops.depart('ben');
    stops.arrive('cas');
    stops.signal('SIGCONT');
    await untilOnline(stays, ['ann', 'cas']);
    expect(stays.changes.slice(0, 4).map(({ type }) => type)).toEqual([
      'user_joined',
      'user_joined',
      'user_left',
      'user_left',
    ]);
    const names = new Set(stays.messages.slice(-2).map(({ origin }) => origin?.from));
    expect(names).not.toContain(stays.messages[0]?.origin?.from);
    expectConsistent(stays);
    await stops.close();
    await untilOnline(stays, []);
  });

  test('after a silence of Redis nobody is buried, however long it was', REAL_TIME, async () => {
    await using server = await startTestRedis();
    const options = { feed: randomUUID(), redisUrl: server.url, heartbeatMs: 400 };
    await using first = await open(options);
    await using second = await open(options);
    first.presence.arrive('ann');
    second.presence.arrive('ben');
    await untilOnline(first, ['ann', 'ben']);
    const names = async (): Promise<string[]> =>
      (await server.admin.zrange(`feedbench:{${options.feed}}:nodes`, '0', '-1')).toSorted();
    const before = await names();
    server.signal('SIGSTOP');
    await setTimeout(1500);
    server.signal('SIGCONT');
    // Two beats of both, and somebody who comes, so that there is an end.
    await setTimeout(400);
    first.presence.arrive('cas');
    await untilOnline(second, ['ann', 'ben', 'cas']);
    await second.untilSeq(3);
    expect(second.changes.map(({ type }) => type)).toEqual(['user_joined', 'user_joined', 'user_joined']);
    // One that is buried may be back under another name before its users are seen to leave.
    expect(await names()).toEqual(before);
    expectConsistent(second);
  });

  test('who is back later than another one, after all were cut off from Redis, is not buried', REAL_TIME, async () => {
    const feed = randomUUID();
    const heartbeatMs = 1000;
    await using relays = new AsyncDisposableStack();
    const [early, late] = [relays.use(await openRelay()), relays.use(await openRelay())];
    const openBehind = async ({ port }: TestRelay): Promise<FedLog> =>
      open({ feed, heartbeatMs, redisUrl: `redis://127.0.0.1:${port}` });
    await using first = await openBehind(early);
    await using second = await openBehind(late);
    second.presence.arrive('ann');
    await untilOnline(first, ['ann']);
    for (const relay of [early, late]) relay.down();
    await setTimeout(2 * heartbeatMs);
    early.up();
    for (let beat = 0; beat < 2; beat++) await untilBeat(feed);
    late.up();
    await second.until(({ healthy }) => healthy);
    first.presence.arrive('ben');
    await untilOnline(second, ['ann', 'ben']);
    expect(second.changes).toEqual([joined('ann'), joined('ben')]);
  });

  test('who comes and goes while Redis is away is told when it is back', async () => {
    const feed = randomUUID();
    await using relay = await openRelay();
    await using cut = await open({ feed, redisUrl: `redis://127.0.0.1:${relay.port}` });
    await using other = await open({ feed });
    cut.presence.arrive('ann');
    await untilOnline(other, ['ann']);
    relay.down();
    await cut.until(({ healthy }) => !healthy);
    cut.presence.depart('ann');
    cut.presence.arrive('ben');
    cut.presence.arrive('cas');
    cut.presence.depart('cas');
    relay.up();
    await untilOnline(other, ['ben']);
    await other.untilSeq(3);
    expect(new Set(other.changes.slice(1))).toEqual(new Set([left('ann'), joined('ben')]));
    expectConsistent(other);
  });

  test('a change whose answer was lost is told once', async () => {
    const feed = randomUUID();
    await using relay = await openRelay();
    await using node = await open({ feed, redisUrl: `redis://127.0.0.1:${relay.port}` });
    await using other = await open({ feed });
    for (let round = 0; round < 5; round++) {
      relay.stall();
      node.presence.arrive('ann');
      await other.untilSeq(2 * round + 1);
      relay.cut();
      // Not known to have come, and gone again.
      node.presence.depart('ann');
      await other.untilSeq(2 * round + 2);
    }
    expect(other.changes).toEqual(numbers(1, 5).flatMap(() => [joined('ann'), left('ann')]));
    expectConsistent(other);
    // One name that is known, of each node.
    expect(await redis.admin.zcard(`feedbench:{${feed}}:nodes`)).toBe(2);
  });

  test(
    'users come and go anywhere, nodes are cut off and buried and come back: the truth is told',
    REAL_TIME,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(someRound, { minLength: 1, maxLength: 2 }), async (rounds) => {
          await using stand = await openStand();
          for (const { moves, cut, buries } of rounds) {
            const relay = cut === undefined ? undefined : stand.relays[cut];
            relay?.down();
            for (const { node, user } of moves) stand.move(node, user);
            if (buries && cut !== undefined) await stand.untilBuried();
            relay?.up();
            await untilOnline(stand.witness, stand.online());
          }
          // Who was online before may be online in between as well. Who comes behind is a mark: what was before it is done.
          for (const node of stand.relays.keys()) stand.move(node, `last at ${node}`);
          await untilOnline(stand.witness, stand.online());
          const { seq } = await stand.witness.presence.snapshot();
          await stand.witness.untilSeq(seq);
          expectConsistent(stand.witness);
          expect(onlineBy(stand.witness)).toEqual(stand.online().toSorted());
        }),
        { numRuns: 5 },
      );
    },
  );
});
