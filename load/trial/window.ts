import { DIMENSIONS } from '../../scenarios/dimensions.ts';
import { Failure } from '../../scenarios/failures.ts';
import { pollIntervalNsOf } from '../../scenarios/variant.ts';
import { deliversLatest, LATEST_WINDOW_NS } from '../../scenarios/feed/conflation.ts';
import { cutsConnections, isAddressed } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { derivedRandom } from '../../scenarios/feed/random.ts';
import { timeBins } from '../../scenarios/measures/recording.ts';
import { countDue } from '../../scenarios/feed/schedule.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { cadenceOf } from '../../servers/registry.ts';
import type { WindowTiming } from '../generator.ts';
import type { Expected } from '../subscribers/expectation.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { longestPollNs } from '../variants.ts';

/** How long deliveries may take beyond what the transport needs, before they count as lost. */
const DRAIN_NS = 5 * NS_PER_SECOND;
const LAST_TRY_NS = 10 * NS_PER_SECOND;
/** Stream number of the poll phases, apart from those of arrivals and payloads. */
const PHASES = -3;

/** By then a few clients have started and connected. */
const READY_WITHIN_NS = 5 * NS_PER_SECOND;

/**
 * Where the grid of polls begins, on the monotonic clock. The feed begins at a place of the grid that comes once in
 * `phaseStepNs`, so the grid is laid such that the place comes soon, also where few clients poll at long intervals.
 */
export function pollOrigin(spec: TrialSpec, nowNs: number): number {
  return Math.round(nowNs + READY_WITHIN_NS - feedOffsetNs(spec));
}

/**
 * Clients that poll have their phases spread over the interval, so only the feed's place between two neighbouring
 * phases matters: it is taken from the seed, and with it every trial has the same. A feed that nobody polls begins at once.
 */
export function feedOrigin(
  spec: TrialSpec,
  { pollOriginNs, earliestNs }: { pollOriginNs: number; earliestNs: number },
): number {
  if (cadenceOf(spec.variant) !== 'interval') return Math.round(earliestNs);
  const stepNs = phaseStepNs(spec);
  const placeNs = pollOriginNs + feedOffsetNs(spec);
  return Math.round(placeNs + Math.ceil((earliestNs - placeNs) / stepNs) * stepNs);
}

function feedOffsetNs(spec: TrialSpec): number {
  return derivedRandom(spec.seed, PHASES)() * phaseStepNs(spec);
}

function phaseStepNs({ variant, workload, clients }: TrialSpec): number {
  return pollIntervalNsOf(variant, workload) / clients;
}

/** Warm-up and window in whole bins: both are rounded up. */
export function planWindow(
  { warmUpNs, windowNs }: Pick<TrialSpec, 'warmUpNs' | 'windowNs'>,
  originNs: number,
): WindowTiming {
  const { binNs } = timeBins(originNs, warmUpNs + windowNs);
  const warmUpBins = Math.ceil(warmUpNs / binNs);
  const count = warmUpBins + Math.ceil(windowNs / binNs);
  return {
    bins: { originNs, binNs, count },
    windowStartNs: originNs + warmUpBins * binNs,
    windowEndNs: originNs + count * binNs,
  };
}

/** Whether the window has no whole bin by then. */
export function isEmptyAt({ bins, windowStartNs }: WindowTiming, nowNs: number): boolean {
  return nowNs < windowStartNs + bins.binNs;
}

/** The window as far as it got; the same object where it is whole. */
export function cutAt(timing: WindowTiming, nowNs: number): WindowTiming {
  const { bins } = timing;
  const ended = Math.floor((nowNs - bins.originNs) / bins.binNs);
  if (ended >= bins.count) return timing;
  const windowEndNs = bins.originNs + ended * bins.binNs;
  if (isEmptyAt(timing, nowNs))
    throw new Failure('interrupted', 'stopped before the measured window of this trial had a whole second');
  return { ...timing, bins: { ...bins, count: ended }, windowEndNs };
}

/** How long after it was due a message may come. */
export function patienceNs({ variant, workload }: TrialSpec): number {
  return DRAIN_NS + longestPollNs(variant, workload) + comebackNs({ variant, workload });
}

/** Who waits for its next try when the feed ends is waited for: all policies have it tried by then, but for the rarest of chances. */
function comebackNs({ variant, workload }: Pick<TrialSpec, 'variant' | 'workload'>): number {
  const { reconnect = DIMENSIONS.reconnect.usual } = variant.values;
  return reconnect === DIMENSIONS.reconnect.usual || !drops(workload) ? 0 : LAST_TRY_NS;
}

/** Whether clients lose their connections because it is ordered. */
function drops({ faults, feed }: TrialSpec['workload']): boolean {
  return faults.length > 0 || cutsConnections(feed);
}

/** The trial's feed, warm-up included. */
export function feedOf(spec: TrialSpec): Expected {
  const { bins } = planWindow(spec, 0);
  const durationNs = bins.count * bins.binNs;
  const { workload, seed, variant } = spec;
  const { feed, payload } = workload;
  return {
    feed,
    payload,
    seed,
    durationNs,
    messages: countDue(feed, durationNs, seed),
    ...(isAddressed(feed) && { clients: spec.clients }),
    ...(deliversLatest(variant.values) && { replacedWithinNs: LATEST_WINDOW_NS + patienceNs(spec) }),
  };
}

/** How many messages are due in the planned window, by the schedule as it will be. */
export function dueInPlannedWindow({ workload, warmUpNs, windowNs, seed }: TrialSpec): number {
  const { windowStartNs, windowEndNs } = planWindow({ warmUpNs, windowNs }, 0);
  return countDue(workload.feed, windowEndNs, seed) - countDue(workload.feed, windowStartNs, seed);
}
