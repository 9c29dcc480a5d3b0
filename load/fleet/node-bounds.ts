import { totalmem } from 'node:os';
import { type KeyRule, keyRuleOf } from '../../scenarios/feed/conflation.ts';
import { isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { Failure } from '../../scenarios/failures.ts';
import { formatBytes, formatDuration, NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import { TRANSPORTS } from '../../servers/registry.ts';
import { usableDescriptors } from '../machine/descriptors.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { longestPollNs } from '../variants.ts';

/** What a workload makes a node hold, wait for, and look at. Each name is an option of a node; what is left out is its default. */
export interface NodeBounds {
  readonly logMessages: number;
  readonly logBytes: number;
  readonly historyMessages: number;
  readonly keepAliveMs: number;
  readonly key: KeyRule;
  /** As many as a process may have open files, of which the node needs some for itself. */
  readonly mostConnections: number;
  /** Who is gone without a word is noticed within two of them. */
  readonly heartbeatMs: number;
  /** How long after a poll its user is taken for gone. */
  readonly awayMs: number;
  readonly holdMs?: number;
}

/** How long a client may be behind, besides the interval at which it polls. */
const BEHIND_NS = 10 * NS_PER_SECOND;
/** How long a node may have lost Redis until the history no longer fills what it missed. */
const OUTAGE_NS = 5 * NS_PER_SECOND;
/** Poisson arrivals come thicker at times. */
const UNEVEN = 1.25;
/** The envelope of a message, and what Node takes for a buffer. */
const OVERHEAD_BYTES = 250;

const LEAST_LOG_MESSAGES = 10_000;
const LEAST_LOG_BYTES = 64 * 1024 * 1024;
const MOST_LOG_BYTES = 1024 * 1024 * 1024;
const LEAST_HISTORY_MESSAGES = 2000;
const MOST_HISTORY_BYTES = 64 * 1024 * 1024;
const LEAST_KEEP_ALIVE_MS = 600_000;
const HEARTBEAT_MS = 30_000;
/** Of a trial whose end does not wait for two of the usual ones: it is asked who is online, and faults made some go without a word. */
const SHORT_HEARTBEAT_MS = 5000;
/** The most that a node takes. */
const MOST_AWAY_MS = 3_600_000;

/** What is asked of the servers: a variant under a workload whose feed goes on for so long. */
export interface Demand extends Pick<TrialSpec, 'workload' | 'variant'> {
  readonly feedNs: number;
}

export function trialDemand({ workload, variant, warmUpNs, windowNs }: TrialSpec): Demand {
  // Both are rounded up to whole bins.
  return { workload, variant, feedNs: warmUpNs + windowNs + 2 * NS_PER_SECOND };
}

/** Bounds that lie above what is asked. Throws `usage` where a node cannot hold so much. */
export function nodeBounds(demand: Demand): NodeBounds {
  const { workload, variant } = demand;
  const pollNs = longestPollNs(variant, workload);
  const entryBytes = workload.payload.bytes + OVERHEAD_BYTES;
  const held = messagesIn(demand, BEHIND_NS + pollNs);
  const mostBytes = Math.min(MOST_LOG_BYTES, totalmem() / 2 / nodesOf(variant));
  if (held * entryBytes > mostBytes) {
    const remedies = ['a lower rate', 'a smaller payload'];
    if (pollNs > 0) remedies.push('a shorter poll interval');
    if (nodesOf(variant) > 1) remedies.push('fewer nodes');
    throw new Failure(
      'usage',
      `scenario ${workload.name}: a node would hold ${formatDuration(BEHIND_NS + pollNs)} of the feed for ${TRANSPORTS[variant.transport].label} clients, ${formatBytes(held * entryBytes)}, and ${formatBytes(mostBytes)} are the most here: choose ${remedies.join(', ')}`,
    );
  }
  const outage = Math.max(LEAST_HISTORY_MESSAGES, messagesIn(demand, OUTAGE_NS));
  return {
    logMessages: Math.max(LEAST_LOG_MESSAGES, held),
    logBytes: Math.max(LEAST_LOG_BYTES, held * entryBytes),
    historyMessages: Math.max(1, Math.min(outage, Math.floor(MOST_HISTORY_BYTES / entryBytes))),
    // A connection is idle from one poll to the next at most, and a late one must still find it.
    key: keyRuleOf(workload),
    keepAliveMs: Math.max(LEAST_KEEP_ALIVE_MS, Math.ceil((1.5 * pollNs) / NS_PER_MS)),
    mostConnections: usableDescriptors(),
    ...signsOfLife(workload, pollNs),
  };
}

function signsOfLife(
  { feed, faults, heartbeatNs }: Demand['workload'],
  pollIntervalNs: number,
): Pick<NodeBounds, 'heartbeatMs' | 'awayMs' | 'holdMs'> {
  const usualMs = isSaidByClients(feed) && faults.length > 0 ? SHORT_HEARTBEAT_MS : HEARTBEAT_MS;
  const askedMs = heartbeatNs === undefined ? undefined : Math.ceil(heartbeatNs / NS_PER_MS);
  const heartbeatMs = askedMs ?? usualMs;
  const awayMs = Math.ceil(2 * Math.max(heartbeatMs, pollIntervalNs / NS_PER_MS));
  return {
    heartbeatMs,
    awayMs: Math.min(MOST_AWAY_MS, awayMs),
    ...(askedMs !== undefined && { holdMs: askedMs }),
  };
}

/** By then every node knows who is gone, however they went. */
export function noticedWithinMs({ heartbeatMs, awayMs }: NodeBounds): number {
  return Math.max(2 * heartbeatMs, awayMs);
}

/**
 * Bytes that may wait in Redis for a node that does not read; its own default of 32 MB is less than a second of a large
 * feed, and a node that is cut there has lost what the history does not hold.
 */
export function subscriberBytes(demand: Demand): number {
  const waiting = messagesIn(demand, OUTAGE_NS) * (demand.workload.payload.bytes + OVERHEAD_BYTES);
  return Math.min(MOST_LOG_BYTES, Math.max(32 * 1024 * 1024, waiting));
}

/** At most all that the feed has. */
function messagesIn({ workload, feedNs }: Demand, spanNs: number): number {
  const { messagesPerSecond } = workload.feed;
  return Math.ceil(UNEVEN * messagesPerSecond * (Math.min(spanNs, feedNs) / NS_PER_SECOND)) + 20;
}
