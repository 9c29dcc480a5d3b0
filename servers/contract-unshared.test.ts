import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { type DimensionValues, DIMENSIONS } from '../scenarios/dimensions.ts';
import { type BackplaneId, BACKPLANE_IDS, BACKPLANES, isGoodFor } from './backplanes.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from './registry.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, startTestRedis, type TestRedis } from './testing/test-redis.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { numbers, subscribe, type TestSubscriber } from './testing/test-subscriber.ts';

/** What a transport owes its clients over a backplane whose nodes do not share a log: what comes while they are there. */

const rows = TRANSPORT_IDS.flatMap((transport) =>
  BACKPLANE_IDS.filter((backplane) => !BACKPLANES[backplane].sharesLog && isGoodFor(backplane, transport)).map(
    (backplane) => ({ transport, backplane }),
  ),
);

/** As usual, and with each other value of a dimension by itself. */
function formsOf(transport: TransportId): DimensionValues[] {
  const { dimensions, excludes } = transportRow(transport);
  const others = (['shape', 'frames', 'compression'] as const).flatMap((id) => {
    const { only = Object.keys(DIMENSIONS[id].values.of) } = dimensions[id] ?? { only: [] };
    return only.filter((value) => value !== DIMENSIONS[id].usual).map((value): DimensionValues => ({ [id]: value }));
  });
  return [{}, ...others].filter((values) => excludes?.(values) === undefined);
}

const forms = rows.flatMap((row) => formsOf(row.transport).map((values) => ({ ...row, values })));
const kilobytes64 = 'x'.repeat(64 * 1024);

let redis: TestRedis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await startTestRedis();
});

afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

test('there are such', () => {
  expect(rows).not.toEqual([]);
});

interface Fleet extends AsyncDisposable {
  /** Takes the messages. */
  readonly first: TestNode;
  readonly nodes: readonly TestNode[];
  subscribeToAll(): Promise<TestSubscriber[]>;
}

interface Served {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
  readonly values?: DimensionValues;
}

async function openFleet(served: Served, options: Partial<TestNodeOptions> = {}): Promise<Fleet> {
  const opened = new AsyncDisposableStack();
  const all = { ...served, feed: randomUUID(), ...(redis && { redisUrl: redis.url }), ...options };
  const open = async (): Promise<TestNode> => opened.use(await openTestNode(all));
  const first = await open();
  const nodes = [first, await open(), await open()];
  return {
    first,
    nodes,
    subscribeToAll: async () => Promise.all(nodes.map(async ({ port }) => subscribe({ ...served, port }))),
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

describe.each(forms)(
  '$transport over $backplane, $values',
  needs(hasRedis, 'redis-server is not installed'),
  (served) => {
    test('brings a thousand messages to the clients of all nodes, in one order', async () => {
      await using fleet = await openFleet(served);
      const subscribers = await fleet.subscribeToAll();
      await Promise.all(numbers(1, 1000).map(async (index) => fleet.first.append({ index })));
      for (const subscriber of subscribers) {
        await subscriber.untilSeq(1000);
        expect(subscriber.sequence).toEqual(numbers(1, 1000));
        expect(subscriber.notices).toEqual([]);
        expect(subscriber.intact).toBe(true);
        subscriber.close();
      }
    });

    test('leaves every byte of a payload as it was', async () => {
      await using fleet = await openFleet(served);
      const subscribers = await fleet.subscribeToAll();
      const payloads = ['', 'a\nb\r\nc', '"quoted", \\back\\slashed', '🛰️ größer 数', '\u2028\u0000],\n[', kilobytes64];
      for (const payload of payloads) await fleet.first.append({ payload });
      for (const subscriber of subscribers) {
        await subscriber.untilSeq(payloads.length);
        expect(subscriber.sequence).toEqual(numbers(1, payloads.length));
        expect(subscriber.intact).toBe(true);
        subscriber.close();
      }
    });
  },
);

describe.each(rows)(
  '$transport over $backplane',
  needs(hasRedis, 'redis-server is not installed'),
  ({ transport, backplane }) => {
    const row = transportRow(transport);

    test('gives a client what comes while it is there, and nothing of before', async () => {
      await using fleet = await openFleet({ transport, backplane });
      const early = await fleet.subscribeToAll();
      await fleet.first.append('before');
      await Promise.all(early.map(async (subscriber) => subscriber.untilSeq(1)));
      const late = await fleet.subscribeToAll();
      await fleet.first.append('after');
      for (const subscriber of late) {
        await subscriber.untilSeq(2);
        expect(subscriber.told).toMatchObject([{ kind: 'message', seq: 2 }]);
      }
      for (const subscriber of [...early, ...late]) subscriber.close();
    });

    test('gives a client that comes in the midst of it nothing twice, and leaves nothing out', async () => {
      await using fleet = await openFleet({ transport, backplane });
      const subscribers: TestSubscriber[] = [];
      for (const round of numbers(1, 10)) {
        const coming = fleet.subscribeToAll();
        for (const index of numbers(1, 20)) await fleet.first.append({ round, index });
        subscribers.push(...(await coming));
      }
      await fleet.first.append('the last');
      for (const subscriber of subscribers) {
        await subscriber.untilSeq(201);
        const [begin = 0] = subscriber.sequence;
        expect(subscriber.sequence).toEqual(numbers(begin, 201));
        subscriber.close();
      }
    });

    test('closes and counts a client that takes nothing for a time', REAL_TIME, async () => {
      await using fleet = await openFleet({ transport, backplane }, { slowMs: 400, sendBufferBytes: 1024 });
      await using relay = await openTestRelay(fleet.first.port);
      const slow = await subscribe({ transport, port: relay.port });
      const quick = await subscribe({ transport, port: fleet.first.port });
      relay.stall();
      while (fleet.first.slowConsumers === 0) await quick.untilSeq(await fleet.first.append(kilobytes64));
      relay.resume();
      await slow.until(({ lostReason }) => lostReason !== undefined);
      expect(slow.sequence).toEqual(numbers(1, slow.sequence.length));
      expect(fleet.first.slowConsumers).toBe(1);
      expect(quick.lostReason).toBeUndefined();
      quick.close();
    });

    test('says goodbye when its node is closed, and takes nobody new', async () => {
      await using fleet = await openFleet({ transport, backplane });
      const subscriber = await subscribe({ transport, port: fleet.first.port });
      await fleet.first.close();
      await subscriber.until(({ lostReason }) => lostReason !== undefined);
      expect(row.goodbye.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(subscriber.end);
      expect((await subscribe({ transport, port: fleet.first.port })).lostReason).toMatch(/ECONNREFUSED/);
    });
  },
);
