import { NS_PER_MS, NS_PER_SECOND } from '../scenarios/units.ts';
import { nodesOf } from '../scenarios/variant.ts';
import { BACKPLANES } from '../servers/backplanes.ts';
import { isSilent } from '../scenarios/feed/kinds/feed-kinds.ts';
import { generatorRow } from './registry.ts';
import type { TrialSpec } from './trial-spec.ts';
import { planWindow } from './trial/window.ts';
import { longestPollNs } from './variants.ts';

/** Start, connect and stop; measured on 2 quiet cores, and most of it is Node starting. */
const OVERHEAD_NS = 0.6 * NS_PER_SECOND;
const OVERHEAD_PER_NODE_NS = 0.5 * NS_PER_SECOND;
/** Redis, and that nodes find each other over it. */
const OVERHEAD_OF_REDIS_NS = 0.8 * NS_PER_SECOND;
/** To connect a client, and to let go of it. */
const OVERHEAD_PER_CLIENT_NS = 0.45 * NS_PER_MS;
/** The feed is made once before the first trial, for its hash: 3.1 µs a message of 200 B, 22 ms one of 1 MiB. */
const HASH_PER_BYTE_NS = 20;

/** How long a trial takes from its first process to the end of its last. */
export function trialEstimateNs(trial: TrialSpec): number {
  const { bins } = planWindow(trial, 0);
  // Where nothing was said, nobody waits for a last message.
  const polls = isSilent(trial.workload.feed) ? 0 : longestPollNs(trial.variant, trial.workload);
  const redis = BACKPLANES[trial.variant.backplane].needsRedis ? OVERHEAD_OF_REDIS_NS : 0;
  const { openingNs = 0 } = generatorRow(trial.generator);
  const processes = OVERHEAD_NS + OVERHEAD_PER_NODE_NS * nodesOf(trial.variant) + redis;
  return bins.count * bins.binNs + polls + processes + (OVERHEAD_PER_CLIENT_NS + openingNs) * trial.clients;
}

/** How long it takes to make the feed that all trials like this one have. */
export function hashEstimateNs(trial: TrialSpec): number {
  const { feed, payload } = trial.workload;
  const messages = (feed.messagesPerSecond * planWindow(trial, 0).windowEndNs) / NS_PER_SECOND;
  return messages * HASH_PER_BYTE_NS * payload.bytes;
}
