import { Failure } from '../scenarios/failures.ts';
import { type Fault, faultText } from '../scenarios/faults.ts';
import { NOT_TRIED, nextWaitMs } from '../scenarios/reconnect/policy.ts';
import { nodesOf, pollIntervalNsOf } from '../scenarios/variant.ts';
import { deliversLatest, whyNoValues } from '../scenarios/feed/conflation.ts';
import {
  type AddressedFeed,
  cutsConnections,
  isAddressed,
  isSaidByClients,
  isSilent,
} from '../scenarios/feed/kinds/feed-kinds.ts';
import { formatDuration, NS_PER_MS, NS_PER_SECOND, significant } from '../scenarios/units.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { BACKPLANES } from '../servers/backplanes.ts';
import { cadenceOf, connectionsOf, TRANSPORTS } from '../servers/registry.ts';
import { type CampaignPlan, type Course, isCampaign } from './campaign/campaign-plan.ts';
import { withControl } from './campaign/control.ts';
import { whyNoFaults } from './fleet/fault-limits.ts';
import { nodeBounds, trialDemand } from './fleet/node-bounds.ts';
import { checkDescriptors, usableDescriptors } from './machine/descriptors.ts';
import { type GeneratorId, generatorRow } from './registry.ts';
import type { TrialSpec } from './trial-spec.ts';
import { dueInPlannedWindow } from './trial/window.ts';
import { comebackPolicy } from './workers/comeback.ts';
import { leftOut, type PlannedVariant, planSets, type VariantChoices } from './variants.ts';

/** What a user may choose; everything else follows from it and the workload. */
export interface PlanChoices extends VariantChoices {
  /** Variants beside those: what is chosen together multiplies, these do not. */
  readonly beside?: readonly VariantChoices[];
  readonly generators: readonly GeneratorId[];
  readonly clients: number | undefined;
  readonly durationNs: number | undefined;
  /** What is made to happen, instead of what the workload says. */
  readonly faults?: readonly Fault[] | undefined;
  readonly warmUpNs: number;
  readonly seed: number;
  readonly course: Course;
}

export interface ScenarioPlan extends CampaignPlan {
  /** What was asked for and cannot be, with the reason. */
  readonly left: readonly string[];
}

/**
 * So few that nobody waits for long behind another, whoever reads: there, several generators are to see the same, and
 * what they see differently with all clients is their own doing.
 */
const LIGHT_CLIENTS = 2;

/** The report makes a list of a trial's due times, and the feed's hash is taken before the first trial: some 30 s. */
const MOST_MESSAGES = 10_000_000;

/** Each process of the generator knows an addressed feed whole, with the checksums of all that is said. */
const MOST_SAID = 200_000;

/** What is measured of a scenario. Throws `usage` or `too-few-descriptors` before anything has started. */
export function planScenario(workload: Workload, choices: PlanChoices): ScenarioPlan {
  const { options: _said, ...measured } = workload;
  const settled: Workload = {
    ...measured,
    clients: choices.clients ?? workload.clients,
    durationNs: choices.durationNs ?? workload.durationNs,
    faults: choices.faults ?? workload.faults,
  };
  checkFaults(settled);
  checkHeartbeat(settled);
  const sets = [choices, ...(choices.beside ?? [])];
  const variants = planSets(sets, settled);
  for (const variant of variants)
    checkDescriptors(settled.clients, nodesOf(variant), Math.floor(usableDescriptors() / connectionsOf(variant)));
  const { able, refusals } = combine(variants, choices.generators, settled);
  const left = [...new Set([...sets.flatMap((set) => leftOut(set, settled)), ...refusals])];
  if (able.length === 0)
    throw new Failure('usage', `scenario ${workload.name}: nothing that was asked for can be run: ${left.join('; ')}`);
  const { seed, warmUpNs, course } = choices;
  const atFull = able.map((combination) => ({ ...combination, clients: settled.clients }));
  const specOf = (combination: Combination): TrialSpec => ({
    ...combination,
    trial: 1,
    copy: false,
    attempt: 1,
    workload: settled,
    seed,
    warmUpNs,
    windowNs: settled.durationNs,
  });
  const variantsOnce = atFull.map(specOf);
  checkFeed(settled, variantsOnce);
  for (const trial of variantsOnce) nodeBounds(trialDemand(trial));
  return {
    workload: settled,
    seed,
    cells: isCampaign(course) ? withControl(variantsOnce) : variantsOnce,
    // With fewer clients it would be another feed.
    light: isAddressed(settled.feed) ? [] : lightPairs(atFull).map(specOf),
    left,
    course,
  };
}

/** Every variant by every generator that drives it, and why others do not, each reason once. */
function combine(
  variants: readonly PlannedVariant[],
  generators: readonly GeneratorId[],
  workload: Workload,
): { able: Pick<TrialSpec, 'variant' | 'generator'>[]; refusals: string[] } {
  const all = variants.flatMap((variant) => generators.map((generator) => ({ variant, generator })));
  const refused = all.map(({ variant, generator }) => refusal(variant, generator, workload));
  return {
    able: all.filter((_, index) => refused[index] === undefined),
    refusals: [...new Set(refused.flatMap((reason) => reason ?? []))],
  };
}

type Combination = Pick<TrialSpec, 'variant' | 'generator' | 'clients'>;

/**
 * Where several generators drive a variant, each does so once more with LIGHT_CLIENTS. One backplane is enough; clients
 * that poll wait for nobody in any case.
 */
function lightPairs(atFull: readonly Combination[]): Combination[] {
  return atFull
    .filter(({ variant, generator, clients }) => {
      const others = atFull.filter((other) => other.variant === variant && other.generator !== generator);
      return (
        variant.backplane === atFull[0]?.variant.backplane &&
        cadenceOf(variant) !== 'interval' &&
        others.length > 0 &&
        clients > LIGHT_CLIENTS
      );
    })
    .map((combination) => ({ ...combination, clients: LIGHT_CLIENTS }));
}

function refusal(variant: PlannedVariant, generator: GeneratorId, workload: Workload): string | undefined {
  const { faults, feed, clients } = workload;
  const { label, drives, talks, most, whyNoChannels, whyNoFaults: why } = generatorRow(generator);
  const transport = TRANSPORTS[variant.transport].label;
  const impossible =
    whyNoFaults(faults, variant) ??
    (isAddressed(feed) ? whyNotAddressed(variant, feed) : undefined) ??
    whyNeverBack(variant, workload);
  if (impossible !== undefined) return `${transport}, ${variant.backplane}: n/a, ${impossible}`;
  const drive = drives(variant);
  if (drive.kind === 'n/a') return `${label} × ${transport}: n/a, ${drive.reason}`;
  if (most !== undefined && clients > most.clients)
    return `${label}: n/a, it plays ${most.clients} clients at most, because ${most.reason}: ask for no more with --clients`;
  if (isSaidByClients(feed) && talks.kind === 'n/a') return `${label}: n/a, ${talks.reason}`;
  if (isAddressed(feed) && whyNoChannels !== undefined) return `${label}: n/a, ${whyNoChannels}`;
  return why === undefined || faults.length === 0 ? undefined : `${label} × ${transport}: n/a, ${why}`;
}

/** Why messages cannot be for some clients alone; undefined where they can. */
function whyNotAddressed({ backplane, values }: PlannedVariant, feed: AddressedFeed): string | undefined {
  const talk = isSaidByClients(feed);
  if (!BACKPLANES[backplane].sharesLog)
    return talk
      ? 'its nodes have no common log, and nothing that numbers what clients say'
      : 'its nodes have no common log, and the adapter hands each message to all clients';
  if (values.recovery === 'library') return 'a door that leaves delivery to the library knows no channels';
  if (cutsConnections(feed) && (values.reconnect ?? 'none') === 'none')
    return 'connections are cut, and its clients do not come back: choose --reconnect';
  if (values.ask === 'etag') return 'what is asked for as a whole is the feed that goes to all, and no room';
  return deliversLatest(values) ? whyNoValues(feed) : undefined;
}

/** Who is away for longer is cut again before it has what it missed, and the trial ends before it has that. */
const MOST_AWAY_SHARE = 0.5;

/** Why clients whose connections the feed itself cuts would not get what is for them; undefined where they do. */
function whyNeverBack(variant: PlannedVariant, workload: Workload): string | undefined {
  const { feed, clients } = workload;
  const pollIntervalNs = pollIntervalNsOf(variant, workload);
  const policy = comebackPolicy(variant.values.reconnect, { transport: variant.transport, pollIntervalNs });
  if (feed.kind !== 'streams' || feed.cut === undefined || policy === undefined) return undefined;
  const cutsPerSecond = (feed.cut.share * feed.messagesPerSecond) / feed.streamMessages / clients;
  const meanWaitMs = nextWaitMs(policy, NOT_TRIED, () => 0.5) ?? 0;
  const awayShare = (cutsPerSecond * meanWaitMs) / 1000;
  if (awayShare <= MOST_AWAY_SHARE) return undefined;
  return `connections are cut so often that its clients would never catch up (${formatDuration(meanWaitMs * NS_PER_MS)} away, ${significant(cutsPerSecond)} times a second): choose more --clients, or cut fewer streams`;
}

/** What would happen when nobody looks any more. */
function checkFaults({ name, faults, durationNs }: Workload): void {
  const late = faults.find(({ atNs }) => atNs >= durationNs);
  if (late === undefined) return;
  throw new Failure(
    'usage',
    `scenario ${name}: ${faultText(late)} is after the ${formatDuration(durationNs)} that are measured: choose a longer --duration, or an earlier fault`,
  );
}

/** In any other window connections show more or fewer signs of life than they do in the long run, and cost more or less. */
function checkHeartbeat({ name, feed, heartbeatNs, durationNs }: Workload): void {
  if (!isSilent(feed) || heartbeatNs === undefined || durationNs % heartbeatNs === 0) return;
  const multiples = [1, 2].map((times) => `${(times * heartbeatNs) / NS_PER_SECOND}s`);
  throw new Failure(
    'usage',
    `scenario ${name}: its window must be a multiple of its heartbeat, not ${formatDuration(durationNs)}: choose --duration ${multiples.join(', ')}, …`,
  );
}

/** All trials of a scenario have one feed, and it must be one that a trial can hold and that has something to measure. */
function checkFeed({ name, feed, durationNs }: Workload, [trial]: readonly TrialSpec[]): void {
  if (trial === undefined || isSilent(feed)) return;
  const expected = (feed.messagesPerSecond * (trial.warmUpNs + durationNs)) / NS_PER_SECOND;
  const most = isAddressed(feed) ? MOST_SAID : MOST_MESSAGES;
  if (expected > most) {
    throw new Failure(
      'usage',
      `scenario ${name}: about ${Math.round(expected)} messages would be due in a trial, and ${most} are the most: choose a shorter --duration or a lower rate`,
    );
  }
  if (dueInPlannedWindow(trial) > 0) return;
  throw new Failure(
    'usage',
    `scenario ${name}: of ${feed.messagesPerSecond} messages a second none is due in the ${formatDuration(durationNs)} that are measured: choose a longer --duration, a higher rate${feed.kind === 'fixed' ? '' : ' or another --seed'}`,
  );
}
