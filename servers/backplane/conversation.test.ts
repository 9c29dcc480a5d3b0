import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';
import type { Said } from '../hub/conversation.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { numbers } from '../testing/test-subscriber.ts';
import type { BackplaneOptions } from './backplane.ts';
import { openBackplane as openMemory } from './memory.ts';
import { openBackplane as openRedis } from './redis.ts';
import { ConversingNode } from './testing/conversing-node.ts';
import { failure, FedLog, type LoggedMessage } from './testing/fed-log.ts';
import { Talker } from './testing/talker.ts';

/** What is said is in the log once, whatever happens to nodes, to Redis, and to what is between them. */

let redis: TestRedis;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  if (hasRedis) await redis[Symbol.asyncDispose]();
});

const needed = needs(hasRedis, 'redis-server is not installed');

async function overRedis(options: Partial<BackplaneOptions> = {}): Promise<FedLog> {
  return new FedLog().open(openRedis, { redisUrl: redis.url, ...options });
}

const backplanes = [
  { id: 'memory', needed: {}, open: async () => new FedLog().open(openMemory) },
  { id: 'redis', needed, open: async () => overRedis() },
];

describe.each(backplanes)('over $id', ({ open, needed: here }) => {
  const ann = (n: number, channel = 'room:1') => ({ channel, from: 'ann', n });

  test('what is said again has the number that it had', here, async () => {
    await using fed = await open();
    expect(await fed.say(ann(1))).toEqual({ kind: 'taken', seq: 1 });
    expect(await fed.say(ann(2))).toEqual({ kind: 'taken', seq: 2 });
    expect(await fed.say(ann(2))).toEqual({ kind: 'again', seq: 2, last: 2 });
    expect(await fed.say(ann(1))).toEqual({ kind: 'again', seq: null, last: 2 });
    expect(await fed.say(ann(4))).toEqual({ kind: 'ahead', last: 2 });
    expect(await fed.say(ann(1, 'room:2'))).toEqual({ kind: 'taken', seq: 3 });
    await fed.untilSeq(3);
    expect(fed.messages.map(({ origin }) => origin)).toEqual([ann(1), ann(2), ann(1, 'room:2')]);
    expect(fed.messages.every(({ intact }) => intact)).toBe(true);
  });

  test('who is not known may begin anywhere', here, async () => {
    await using fed = await open();
    expect(await fed.say(ann(17))).toEqual({ kind: 'taken', seq: 1 });
    expect(await fed.say(ann(18))).toEqual({ kind: 'taken', seq: 2 });
  });

  test('what is said in turn is done in turn, without waiting between', here, async () => {
    await using fed = await open();
    const said = await Promise.all(numbers(1, 200).map(async (n) => fed.say(ann(n))));
    expect(said).toEqual(numbers(1, 200).map((seq) => ({ kind: 'taken', seq })));
  });

  test('what has no number is given the next one of its sender there, however much is said at once', here, async () => {
    await using fed = await open();
    const speaker = { channel: 'room:1', from: 'ann' };
    const texts = numbers(1, 120).map((index) => `ü"${'x'.repeat(index * index)}`);
    expect(await Promise.all(texts.map(async (text) => fed.sayNext(speaker, text)))).toEqual(numbers(1, 120));
    expect(await fed.say(ann(120))).toEqual({ kind: 'again', seq: 120, last: 120 });
    expect(await fed.say(ann(121))).toEqual({ kind: 'taken', seq: 121 });
    expect(await fed.sayNext({ channel: 'room:2', from: 'ann' }, 'elsewhere')).toBe(122);
    expect(await fed.say({ channel: 'room:3', from: 'ann', n: 4_294_967_290 })).toEqual({ kind: 'taken', seq: 123 });
    expect(await fed.sayNext({ channel: 'room:3', from: 'ann' }, 'far on')).toBe(124);
    await fed.untilSeq(124);
    expect(fed.messages.map(({ origin }) => origin?.n)).toEqual([...numbers(1, 121), 1, 4_294_967_290, 4_294_967_291]);
    expect(fed.messages.slice(0, 120).map(({ data }) => data)).toEqual(texts);
    expect(fed.messages.every(({ intact }) => intact)).toBe(true);
  });

  test('a signal is told, and is in no log', here, async () => {
    await using fed = await open();
    fed.conversation.signal({ signal: 'typing', channel: 'room:1', from: 'ann' });
    await fed.until(({ signals }) => signals.length > 0);
    expect(fed.signals).toEqual([{ signal: 'typing', channel: 'room:1', from: 'ann' }]);
    expect(fed.log.latest).toBe(0);
  });

  test('users come and go, and whoever asks later is told who is there', here, async () => {
    await using fed = await open();
    for (const user of ['ann', 'ben']) fed.presence.arrive(user);
    fed.presence.depart('ann');
    await expect.poll(async () => (await fed.presence.snapshot()).users).toEqual(['ben']);
    expect(await fed.presence.online('ben')).toBe(1);
    expect(await fed.presence.online('who is coming')).toBe(2);
    const { seq } = await fed.presence.snapshot();
    expect(seq).toBe(fed.log.latest);
  });
});

type Act =
  | { readonly kind: 'say'; readonly from: string; readonly channel: string; readonly n: number }
  | { readonly kind: 'move'; readonly user: string };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      from: fc.constantFrom('ann', 'ben', 'cas'),
      channel: fc.constantFrom('room:1', 'room:2'),
      n: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), user: fc.constantFrom('ann', 'ben') }) },
);

/** One after the other, each seen in the log before the next. */
async function play(fed: FedLog, acts: readonly Act[]): Promise<Said[]> {
  const here = new Set<string>();
  const outcomes: Said[] = [];
  let latest = 0;
  for (const one of acts) {
    if (one.kind === 'say') {
      const { from, channel, n } = one;
      const said = await fed.say({ from, channel, n });
      outcomes.push(said);
      if (said.kind === 'taken') latest += 1;
    } else {
      move(fed, here, one.user);
      latest += 1;
    }
    await fed.untilSeq(latest);
  }
  return outcomes;
}

function move({ presence }: FedLog, here: Set<string>, user: string): void {
  if (here.delete(user)) {
    presence.depart(user);
    return;
  }
  here.add(user);
  presence.arrive(user);
}

/** The nodes of memory and of Redis have other names. */
function withoutNode({ origin, ...message }: LoggedMessage): unknown {
  return { ...message, origin: { ...origin, from: origin?.from.replace(/^node:.*/, 'node') } };
}

test('memory and Redis take the same, and put the same into the log', needed, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      // Fewer than there are senders in channels: the quietest are forgotten.
      await using memory = await new FedLog().open(openMemory, { mostSenders: 3 });
      await using other = await overRedis({ mostSenders: 3 });
      expect(await play(other, acts)).toEqual(await play(memory, acts));
      expect(other.messages.map(withoutNode)).toEqual(memory.messages.map(withoutNode));
      const [inRedis, inMemory] = await Promise.all([other.presence.snapshot(), memory.presence.snapshot()]);
      expect({ ...inRedis, users: inRedis.users.toSorted() }).toEqual({
        ...inMemory,
        users: inMemory.users.toSorted(),
      });
    }),
    { numRuns: 40 },
  );
});

describe('over several nodes', needed, () => {
  /** Each of them once, in order, under the numbers that were told. */
  function expectOnce(witness: FedLog, talkers: readonly Talker[], count: number): void {
    expect(witness.messages).toHaveLength(talkers.length * count);
    const heard = Map.groupBy(witness.messages, ({ origin }) => origin?.from);
    for (const { from, answered } of talkers) {
      const messages = heard.get(from) ?? [];
      expect(messages.map(({ origin }) => origin?.n)).toEqual(numbers(1, count));
      const told = (n = 0): number | undefined => answered.get(n) ?? undefined;
      expect(messages.filter(({ seq, origin }) => seq !== (told(origin?.n) ?? seq))).toEqual([]);
    }
  }

  test('what a sender says again at another node, because its own died before it answered, is there once', async () => {
    const feed = randomUUID();
    const ann = (n: number) => ({ channel: 'room:1', from: 'ann', n });
    await using relay = await openTestRelay(Number(new URL(redis.url).port));
    await using dying = await ConversingNode.open({ redisUrl: `redis://127.0.0.1:${relay.port}`, feed });
    await using other = await overRedis({ feed });
    relay.stall();
    const unanswered = failure(dying.say(ann(1)));
    await other.untilSeq(1);
    await dying.kill();
    expect(await unanswered).toBeInstanceOf(Error);
    expect(await other.say(ann(1))).toEqual({ kind: 'again', seq: 1, last: 1 });
    expect(await other.say(ann(2))).toEqual({ kind: 'taken', seq: 2 });
    await other.untilSeq(2);
    expect(other.messages.map(({ origin }) => origin)).toEqual([ann(1), ann(2)]);
  });

  test('300 senders lose nothing and say nothing twice when one of three nodes is killed', REAL_TIME, async () => {
    const feed = randomUUID();
    await using witness = await overRedis({ feed, historyMessages: 10_000 });
    await using cleanup = new AsyncDisposableStack();
    const nodes = await Promise.all(numbers(1, 3).map(async () => ConversingNode.open({ redisUrl: redis.url, feed })));
    for (const node of nodes) cleanup.use(node);
    const talkers = numbers(0, 299).map((index) => new Talker(`u${index}`, nodes, index));
    const talking = Promise.all(talkers.map(async (talker) => talker.talk(6)));
    await witness.untilSeq(500);
    await nodes[0]?.kill();
    await talking;
    await witness.untilSeq(1800);
    expectOnce(witness, talkers, 6);
  });

  const disturbances = [
    {
      name: 'stands still for two seconds',
      disturb: async (server: TestRedis) => {
        server.signal('SIGSTOP');
        await setTimeout(2000);
        server.signal('SIGCONT');
      },
    },
    {
      name: 'is killed, and comes back with its data',
      disturb: async (server: TestRedis) => {
        await server.kill();
        await server.start();
      },
    },
    {
      name: 'loses all connections, again and again',
      disturb: async (server: TestRedis) => {
        for (let round = 0; round < 5; round++) {
          await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
          await server.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
          await setTimeout(50);
        }
      },
    },
  ];

  test.each(disturbances)(
    'nothing is lost and nothing is there twice when Redis $name',
    REAL_TIME,
    async ({ disturb }) => {
      await using server = await startTestRedis('keep');
      await using cleanup = new AsyncDisposableStack();
      const options = { feed: randomUUID(), redisUrl: server.url, historyMessages: 10_000 };
      const nodes = await Promise.all(numbers(1, 3).map(async () => overRedis(options)));
      for (const node of nodes) cleanup.use(node);
      const talkers = numbers(0, 29).map((index) => new Talker(`u${index}`, nodes, index));
      const talking = Promise.all(talkers.map(async (talker) => talker.talk(30)));
      await nodes[0]?.untilSeq(100);
      await disturb(server);
      await talking;
      for (const node of nodes) {
        await node.untilSeq(900);
        expectOnce(node, talkers, 30);
        expect(node.notices).toEqual([]);
      }
    },
  );

  test(
    'a Redis that was killed and comes back empty takes nothing more, and it is said what is gone',
    REAL_TIME,
    async () => {
      await using server = await startTestRedis('forget');
      await using node = await overRedis({ redisUrl: server.url });
      const ann = (n: number) => ({ channel: 'room:1', from: 'ann', n });
      await node.say(ann(1));
      await node.untilSeq(1);
      await server.kill();
      expect(await failure(node.say(ann(2)))).toMatchObject({ code: 'redis-lost' });
      await server.start();
      await node.until(({ health }) => health.at(-1)?.reason.includes('restarted') ?? false);
      expect(await failure(node.say(ann(2)))).toMatchObject({
        code: 'redis-lost',
        message: expect.stringContaining('what each sender had said last and who was online are gone') as unknown,
      });
      expect(await server.admin.keys('*')).toEqual([]);
      // What clients had not read yet is still to be had.
      expect(node.sequence).toEqual([1]);
    },
  );
});
