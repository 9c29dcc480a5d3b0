import type { ValueOf } from '../../scenarios/dimensions.ts';
import { derivedRandom, type Random } from '../../scenarios/feed/random.ts';
import {
  isReconnectPolicy,
  RECONNECT_POLICIES,
  type ReconnectPolicy,
  reconnectPolicy,
} from '../../scenarios/reconnect/policy.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { type TransportId, transportRow } from '../../servers/registry.ts';
import type { Target } from '../generator.ts';

interface Comer {
  readonly transport: TransportId;
  readonly pollIntervalNs: number;
}

/** By which policy clients of a variant come back; undefined where they do not. */
export function comebackPolicy(
  reconnect: ValueOf<'reconnect'> | undefined,
  { transport, pollIntervalNs }: Comer,
): ReconnectPolicy | undefined {
  if (reconnect !== undefined && isReconnectPolicy(reconnect)) return reconnectPolicy(reconnect);
  const { comesBack } = transportRow(transport);
  if (reconnect !== 'stock' || comesBack === undefined) return undefined;
  return comesBack === 'interval' ? everyInterval(pollIntervalNs) : reconnectPolicy(comesBack);
}

/** A loop of polls goes on whatever became of one. */
function everyInterval(pollIntervalNs: number): ReconnectPolicy {
  const baseMs = pollIntervalNs / NS_PER_MS;
  return { ...RECONNECT_POLICIES.bare, baseMs, factor: 1, capMs: baseMs };
}

/** Stream numbers of what clients leave to chance when they come back, apart from those of everything else of a seed. */
const COMEBACKS = 2 ** 30;

interface Who {
  readonly client: number;
  readonly seed: number;
}

/**
 * Where a client tries in turn: its own node first, then the others in an order of its own, as a balancer or a list of
 * addresses in DNS has it, so that those of a node that dies do not all go to the same one.
 */
export function turnOfTargets(own: Target, targets: readonly Target[], { client, seed }: Who): Target[] {
  const random = derivedRandom(seed, COMEBACKS + client);
  const others = targets
    .filter(({ host, port }) => host !== own.host || port !== own.port)
    .map((target) => ({ target, place: random() }))
    .toSorted((a, b) => a.place - b.place);
  return [own, ...others.map(({ target }) => target)];
}

/** The chance of a client, the same in every trial of a seed. */
export function comebackRandom({ client, seed }: Who): Random {
  return derivedRandom(seed, 2 * COMEBACKS + client);
}
