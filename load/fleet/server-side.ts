import { randomBytes } from 'node:crypto';
import { isUsual } from '../../scenarios/dimensions.ts';
import { disturbsRedis, type Fault } from '../../scenarios/faults.ts';
import { newAuthority, type ThrowAwayAuthority } from '../../scenarios/tls/authority.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import type { Guard } from '../machine/guard.ts';
import type { Network } from '../machine/network.ts';
import type { Target } from '../generator.ts';
import { type Balancer, balancerOf, type BalancerSite, startBalancer } from './balancer.ts';
import type { NodeBounds } from './node-bounds.ts';
import { type NodeGroup, type NodePlace, startNodes } from './nodes.ts';
import { type PrivateRedis, startRedis } from './redis-server.ts';
import type { Surroundings, TrialSpec } from '../trial-spec.ts';

export interface ServerSide {
  readonly nodes: NodeGroup;
  /** Undefined where the variant needs none, or uses one of the user's. */
  readonly redis: PrivateRedis | undefined;
  /** Undefined where the variant has none. */
  readonly balancer: Balancer | undefined;
  /** What clients connect to. */
  readonly targets: readonly Target[];
}

interface ServerPlace
  extends Pick<Surroundings, 'placement' | 'redisUrl'>,
    Partial<Pick<NodePlace, 'tokens' | 'talk'>> {
  readonly network: Network;
  readonly guard: Guard;
  /** Takes what has to be closed, in the order it was opened. */
  readonly cleanup: AsyncDisposableStack;
  /** A folder that goes with the trial. */
  readonly scratch: string;
  /** Path of the ingest socket, which the first node has. */
  readonly ingest: string;
  /** What the workload makes the servers hold; absent: their own defaults. */
  readonly holding?: { readonly bounds: NodeBounds; readonly subscriberBytes: number };
  /** What is made to happen to them. Absent: nothing. */
  readonly faults?: readonly Fault[];
}

const START_LIMIT = {
  ms: 20_000,
  code: 'redis-lost',
  message: 'redis-server did not accept connections within 20 s; is the machine overloaded?',
} as const;

/**
 * Starts a variant's nodes, with a Redis of their own where they need one, and a balancer in front of them where it has one; resolves
 * when messages would reach each.
 */
export async function openServers(variant: TrialSpec['variant'], place: ServerPlace): Promise<ServerSide> {
  const { placement, network, guard, cleanup, ingest, tokens, talk = false } = place;
  const isBehind = balancerOf(variant.values) !== undefined;
  const tls = await trialAuthority(variant, (isBehind ? network.edgeHost : network.serverHost).address);
  const redis = await openRedis(variant, place);
  const nodePlace = {
    host: network.serverHost,
    cores: placement.server,
    ingest,
    redisUrl: redis?.url,
    losesRedis: disturbsRedis(place.faults ?? []),
    bounds: place.holding?.bounds,
    tokens,
    // TLS ends at what clients connect to.
    tls: isBehind ? undefined : tls,
    talk,
    // Short, because adapters send it along with each message, in the names of their channels.
    feed: randomBytes(6).toString('base64url'),
    cleanup,
  };
  const nodes = await startNodes(variant, nodePlace, guard);
  const balancer = await openBalancer(variant, { nodes: nodes.targets, tls }, place);
  return {
    nodes,
    redis: redis !== undefined && 'child' in redis ? redis : undefined,
    balancer,
    targets: balancer === undefined ? nodes.targets : [balancer.target],
  };
}

/** Pages that come back by themselves reach their server through a relay of their own machine. */
const OWN_MACHINE = '127.0.0.1';

/**
 * Who vouches for what clients connect to, at `address`, in this trial alone; undefined where they speak no TLS. Keys go to nodes over IPC,
 * and to a balancer in a file that is gone as soon as it listens.
 */
async function trialAuthority(
  { values }: TrialSpec['variant'],
  address: string,
): Promise<ThrowAwayAuthority | undefined> {
  if (isUsual('tls', values)) return undefined;
  return newAuthority([...new Set([address, OWN_MACHINE])]);
}

async function openBalancer(
  { values }: TrialSpec['variant'],
  front: Pick<BalancerSite, 'nodes' | 'tls'>,
  { network, placement, scratch, guard, cleanup }: ServerPlace,
): Promise<Balancer | undefined> {
  const chosen = balancerOf(values);
  if (chosen === undefined) return undefined;
  const host = network.edgeHost;
  return startBalancer(chosen, { host, cores: placement.server, scratch, ...front, guard, cleanup });
}

async function openRedis(
  { backplane }: TrialSpec['variant'],
  { placement, redisUrl, network, guard, cleanup, holding }: ServerPlace,
): Promise<PrivateRedis | { url: string } | undefined> {
  if (!BACKPLANES[backplane].needsRedis) return undefined;
  if (redisUrl !== undefined) return { url: redisUrl };
  return guard.wait(
    startRedis({ network, cores: placement.server, cleanup, subscriberBytes: holding?.subscriberBytes }, guard.report),
    START_LIMIT,
  );
}
