import { setTimeout } from 'node:timers/promises';
import { type BackplaneId, BACKPLANE_IDS, BACKPLANES, isGoodFor } from '../../servers/backplanes.ts';
import { TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { startTestRedis, type TestRedis } from '../../servers/testing/test-redis.ts';
import { openTestRelay, type TestRelay } from '../../servers/testing/test-relay.ts';
import { printText } from '../../cli/terminal.ts';
import { measureConversation } from './conversation-costs.ts';
import { type Fleet, type Listener, openFleet } from './fleet.ts';
import { loadBetween, loadText, readLoad } from './redis-load.ts';

/**
 * What each backplane over Redis asks of it for a message to three nodes, and who loses what when Redis stands still or
 * connections to it break: `make backplanes`. The first node takes the feed, and each node has one client, whose audit is
 * what is printed.
 */
const NODES = [0, 1, 2] as const;
const MESSAGES = 300;
const EVERY_MS = 10;
const AWAY_AFTER = 100;
const AWAY_MS = 300;
/** What has not come by then does not come. */
const PATIENCE_MS = 3000;

const backplanes = BACKPLANE_IDS.filter((id) => BACKPLANES[id].needsRedis);

/** One that every backplane is good for. */
function commonTransport(): TransportId {
  const common = TRANSPORT_IDS.find((transport) => backplanes.every((id) => isGoodFor(id, transport)));
  if (common === undefined) throw new TypeError('there is no transport that all backplanes are good for');
  return common;
}

interface Disturbance {
  readonly name: string;
  readonly begin: (redis: TestRedis, relays: readonly TestRelay[]) => void;
  readonly end: (redis: TestRedis, relays: readonly TestRelay[]) => void;
}

const DISTURBANCES: readonly Disturbance[] = [
  {
    name: `Redis stands still for ${AWAY_MS} ms`,
    begin: (redis) => redis.signal('SIGSTOP'),
    end: (redis) => redis.signal('SIGCONT'),
  },
  {
    name: `all nodes are cut off from Redis for ${AWAY_MS} ms`,
    begin: (_redis, relays) => {
      for (const relay of relays) relay.down();
    },
    end: (_redis, relays) => {
      for (const relay of relays) relay.up();
    },
  },
  {
    name: `node 3 is cut off from Redis for ${AWAY_MS} ms`,
    begin: (_redis, relays) => relays.at(-1)?.down(),
    end: (_redis, relays) => relays.at(-1)?.up(),
  },
];

async function main(): Promise<void> {
  printText(`${MESSAGES} messages, one every ${EVERY_MS} ms, to ${NODES.length} nodes; a message, on the average:\n`);
  for (const backplane of backplanes) printText(await measureLoad(backplane));
  for (const disturbance of DISTURBANCES) {
    printText(`\n${disturbance.name} while messages are published:\n`);
    for (const backplane of backplanes) printText(await disturb(backplane, disturbance));
  }
  printText('\nTwo nodes take messages at once:\n');
  for (const backplane of backplanes) printText(await compareOrders(backplane));
  for (const backplane of backplanes.filter((id) => BACKPLANES[id].sharesLog))
    for await (const line of measureConversation(backplane)) printText(line);
}

async function measureLoad(backplane: BackplaneId): Promise<string> {
  await using redis = await startTestRedis();
  await using fleet = await openFleet({
    transport: commonTransport(),
    backplane,
    redisUrls: NODES.map(() => redis.url),
  });
  await publish(fleet, MESSAGES / 10);
  const before = await readLoad(redis.admin);
  await publish(fleet, MESSAGES);
  await settle(fleet, (MESSAGES * 11) / 10);
  const after = await readLoad(redis.admin);
  const load = loadBetween(before, after, await readLoad(redis.admin));
  return `  ${backplane.padEnd(18)}${loadText(load, MESSAGES)}`;
}

async function disturb(backplane: BackplaneId, { begin, end }: Disturbance): Promise<string> {
  await using redis = await startTestRedis();
  await using cleanup = new AsyncDisposableStack();
  const port = Number(new URL(redis.url).port);
  const relays = await Promise.all(NODES.map(async () => cleanup.use(await openTestRelay(port))));
  const redisUrls = relays.map((relay) => `redis://127.0.0.1:${relay.port}`);
  await using fleet = await openFleet({ transport: commonTransport(), backplane, redisUrls });
  const first = await publish(fleet, AWAY_AFTER);
  begin(redis, relays);
  const ending = setTimeout(AWAY_MS).then(() => end(redis, relays));
  const second = await publish(fleet, MESSAGES - AWAY_AFTER);
  await ending;
  await recover(fleet);
  const last = await fleet.append(0);
  await settle(fleet, last);
  const refused = first.refused + second.refused;
  const found = fleet.listeners.map((listener, index) => `node ${index + 1}: ${foundText(listener, last)}`);
  return `  ${backplane.padEnd(18)}${[...(refused > 0 ? [`${refused} refused to the publisher`] : []), ...found].join('; ')}`;
}

function foundText(listener: Listener, published: number): string {
  const { lost, duplicated, reordered } = listener.counts(published);
  const faults = [
    ...(duplicated > 0 ? [`${duplicated} twice`] : []),
    ...(reordered > 0 ? [`${reordered} out of order`] : []),
  ];
  return [`${lost} lost`, ...faults, `latest by ${listener.latestMs.toFixed(0)} ms`].join(', ');
}

async function compareOrders(backplane: BackplaneId): Promise<string> {
  await using redis = await startTestRedis();
  await using fleet = await openFleet({
    transport: commonTransport(),
    backplane,
    redisUrls: NODES.map(() => redis.url),
  });
  for (let round = 0; round < MESSAGES; round++) {
    await Promise.all([fleet.append(0), fleet.append(1)]);
    await setTimeout(1);
  }
  await Promise.all(
    fleet.listeners.map(async (listener) =>
      Promise.race([listener.until(({ order }) => order.length >= 2 * MESSAGES), setTimeout(PATIENCE_MS)]),
    ),
  );
  const orders = new Set(fleet.listeners.map(({ order }) => order.join()));
  return `  ${backplane.padEnd(18)}${orders.size === 1 ? 'one order at all nodes' : `${orders.size} different orders at ${NODES.length} nodes`}`;
}

/** At the first node, without waiting for one before the next. */
async function publish(fleet: Fleet, messages: number): Promise<{ refused: number }> {
  const startMs = performance.now();
  const appends: Promise<boolean>[] = [];
  for (let index = 0; index < messages; index++) {
    await setTimeout(Math.max(0, startMs + index * EVERY_MS - performance.now()));
    appends.push(
      fleet.append(0).then(
        () => true,
        () => false,
      ),
    );
  }
  const outcomes = await Promise.all(appends);
  return { refused: outcomes.filter((isTaken) => !isTaken).length };
}

async function recover(fleet: Fleet): Promise<void> {
  for (let waitedMs = 0; !fleet.isHealthy && waitedMs < 2 * PATIENCE_MS; waitedMs += EVERY_MS)
    await setTimeout(EVERY_MS);
}

async function settle({ listeners }: Fleet, last: number): Promise<void> {
  await Promise.all(
    listeners.map(async (listener) =>
      Promise.race([listener.until(({ audit }) => audit.latest >= last), setTimeout(PATIENCE_MS)]),
    ),
  );
}
await main();
// What waits for somebody who never came would keep the process.
process.exit();
