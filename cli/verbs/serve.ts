import { setImmediate, setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { dueTimes } from '../../scenarios/feed/schedule.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { loadWorkload, type Workload } from '../../scenarios/feed/workload.ts';
import { type FeedNode, openNode } from '../../servers/node/node.ts';
import { type BackplaneId, BACKPLANES, type TransportId, TRANSPORTS } from '../../servers/registry.ts';
import { loopbackNetwork } from '../../load/machine/network.ts';
import { planVariants } from '../../load/variants.ts';
import { type Demand, nodeBounds, subscriberBytes } from '../../load/fleet/node-bounds.ts';
import { startRedis, takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { endOnSignals } from '../signals.ts';
import { complain, print } from '../terminal.ts';

export interface ServeChoices {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
  readonly nodes: number;
  readonly scenario: string;
  readonly host: string;
  /** Of the first node; the others follow. */
  readonly port: number;
  /** Origins of pages that may ask. */
  readonly origin: readonly string[];
}

const HOUR_NS = 3600 * NS_PER_SECOND;

/** Serves a workload's feed until a signal ends it. */
export async function serve(choices: ServeChoices): Promise<number> {
  const given = takeRedisUrl();
  const workload = loadWorkload(choices.scenario);
  const demand = demandOf(choices, workload);
  const bounds = nodeBounds(demand);
  await using cleanup = new AsyncDisposableStack();
  const stop = Promise.withResolvers<Error | undefined>();
  const ended = new AbortController();
  endOnSignals(() => stop.resolve(undefined));
  const redisUrl = await redisFor(demand, given, { cleanup, onTrouble: stop.resolve });
  const nodes: FeedNode[] = [];
  for (let index = 0; index < choices.nodes; index++) {
    const node = await openNode(
      { ...nodeOptions(choices, index), ...bounds, ...(redisUrl !== undefined && { redisUrl }) },
      {
        onHealth: (healthy, reason) => (healthy ? undefined : complain(reason)),
      },
    );
    cleanup.defer(async () => node.close());
    nodes.push(node);
    print(addressText(choices, node.port));
  }
  print(`${workload.name}: ${workload.description}; Ctrl-C ends it`);
  cleanup.defer(() => ended.abort());
  const [first] = nodes;
  if (first !== undefined) void publishForever(first, workload, ended.signal);
  const trouble = await stop.promise;
  if (trouble !== undefined) throw trouble;
  return 0;
}

/** Throws `usage` where so many nodes cannot share the feed: all but the first would never get a message. */
function demandOf({ transport, backplane, nodes }: ServeChoices, workload: Workload): Demand {
  const asked = nodes === 1 ? {} : { nodes: [nodes] };
  const [variant] = planVariants({ transports: [transport], backplanes: [backplane], asked }, workload);
  if (variant === undefined) throw new TypeError('one transport over one backplane is one variant');
  return { workload, variant, feedNs: Number.POSITIVE_INFINITY };
}

function nodeOptions(
  { transport, backplane, host, port, origin }: ServeChoices,
  index: number,
): Parameters<typeof openNode>[0] {
  return {
    transports: [transport],
    backplane,
    host,
    port: port === 0 ? 0 : port + index,
    origins: [...origin],
    forgetOnClose: true,
    feed: `serve-${process.pid}`,
  };
}

async function redisFor(
  demand: Demand,
  given: string | undefined,
  { cleanup, onTrouble }: { cleanup: AsyncDisposableStack; onTrouble: (error: Error) => void },
): Promise<string | undefined> {
  if (!BACKPLANES[demand.variant.backplane].needsRedis) return undefined;
  if (given !== undefined) return given;
  const network = loopbackNetwork('served by hand');
  const place = { network, cores: [], cleanup, subscriberBytes: subscriberBytes(demand) };
  const { url } = await startRedis(place, onTrouble);
  print(`a private Redis at ${url}`);
  return url;
}

function addressText({ transport, host }: ServeChoices, port: number): string {
  const { label, tryIt } = TRANSPORTS[transport];
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${label} at ${address}; try: ${tryIt.replaceAll('HOST', address)}`;
}

/** The workload's schedule an hour at a time, each hour from the next seed. */
async function publishForever(node: FeedNode, workload: Workload, signal: AbortSignal): Promise<void> {
  const originNs = monotonicNs();
  for (let hour = 0; !signal.aborted; hour++) {
    let index = 0;
    for (const offset of dueTimes(workload.feed, HOUR_NS, hour)) {
      const dueNs = originNs + hour * HOUR_NS + offset;
      await waitUntil(dueNs, signal);
      if (signal.aborted) return;
      const body = encodeBody(dueNs, monotonicNs(), payloadData(workload.payload, hour, index));
      index += 1;
      // A backplane that is down says so by its health; the feed goes on when it is back.
      await node.backplane.append(body).catch(() => undefined);
    }
  }
}

/**
 * Never before it: a timer may ring up to a millisecond early. This feed is for looking at, so a little late will do. One
 * that is behind its schedule lets the node work all the same.
 */
async function waitUntil(dueNs: number, signal: AbortSignal): Promise<void> {
  if (monotonicNs() >= dueNs) await setImmediate();
  for (let nowNs = monotonicNs(); nowNs < dueNs && !signal.aborted; nowNs = monotonicNs())
    await setTimeout(Math.ceil((dueNs - nowNs) / NS_PER_MS), undefined, { signal }).catch(() => undefined);
}
