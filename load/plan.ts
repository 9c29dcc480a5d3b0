import { Failure } from '../scenarios/failures.ts';
import { nodesOf, pollIntervalNsOf } from '../scenarios/variant.ts';
import { payloadData } from '../scenarios/feed/payload.ts';
import { formatDuration, NS_PER_MS, NS_PER_SECOND } from '../scenarios/units.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import { cadenceOf, connectionsOf, TRANSPORTS } from '../servers/registry.ts';
import { nodeBounds, trialDemand } from './fleet/node-bounds.ts';
import { checkDescriptors, usableDescriptors } from './machine/descriptors.ts';
import { type GeneratorId, generatorRow } from './registry.ts';
import type { TrialSpec } from './trial-spec.ts';
import { dueInPlannedWindow, planWindow } from './trial/window.ts';
import { leftOut, type PlannedVariant, planVariants, type VariantChoices } from './variants.ts';

/** What a user may choose; everything else follows from it and the workload. */
export interface PlanChoices extends VariantChoices {
  readonly generators: readonly GeneratorId[];
  readonly clients: number | undefined;
  readonly durationNs: number | undefined;
  readonly warmUpNs: number;
  readonly seed: number;
}

export interface ScenarioPlan {
  readonly workload: Workload;
  readonly seed: number;
  readonly trials: readonly TrialSpec[];
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

/** Start, connect and stop; measured on 2 cores, and most of it is Node starting. */
const OVERHEAD_NS = 1.6 * NS_PER_SECOND;
const OVERHEAD_PER_NODE_NS = 0.4 * NS_PER_SECOND;
/** To connect a client, and to let go of it. */
const OVERHEAD_PER_CLIENT_NS = 0.25 * NS_PER_MS;
/** The feed is made once before the first trial, for its hash: 3.1 µs a message of 200 B, 22 ms one of 1 MiB. */
const HASH_PER_BYTE_NS = 20;

/** Every trial of a scenario in the order they run. Throws `usage` or `too-few-descriptors` before anything has started. */
export function planScenario(workload: Workload, choices: PlanChoices): ScenarioPlan {
  const { options: _said, ...measured } = workload;
  const settled: Workload = {
    ...measured,
    clients: choices.clients ?? workload.clients,
    durationNs: choices.durationNs ?? workload.durationNs,
  };
  checkPayload(settled, choices.seed);
  const variants = planVariants(choices, settled);
  for (const variant of variants)
    checkDescriptors(settled.clients, nodesOf(variant), Math.floor(usableDescriptors() / connectionsOf(variant)));
  const { able, refusals } = combine(variants, choices.generators);
  const left = [...leftOut(choices, settled), ...refusals];
  if (able.length === 0)
    throw new Failure('usage', `scenario ${workload.name}: nothing that was asked for can be run: ${left.join('; ')}`);
  const { seed, warmUpNs } = choices;
  const atFull = able.map((combination) => ({ ...combination, clients: settled.clients }));
  const trials = [...atFull, ...lightPairs(atFull)].map((combination) => ({
    ...combination,
    trial: 1,
    copy: false,
    attempt: 1 as const,
    workload: settled,
    seed,
    warmUpNs,
    windowNs: settled.durationNs,
  }));
  checkFeed(settled, trials);
  for (const trial of trials) nodeBounds(trialDemand(trial));
  return {
    workload: settled,
    seed,
    trials,
    left,
  };
}

/** Every variant by every generator that drives it, and why others do not, each reason once. */
function combine(
  variants: readonly PlannedVariant[],
  generators: readonly GeneratorId[],
): { able: Pick<TrialSpec, 'variant' | 'generator'>[]; refusals: string[] } {
  const all = variants.flatMap((variant) => generators.map((generator) => ({ variant, generator })));
  const refused = all.map(({ variant, generator }) => refusal(variant, generator));
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

function refusal(variant: PlannedVariant, generator: GeneratorId): string | undefined {
  const { label, drives } = generatorRow(generator);
  const drive = drives(variant);
  return drive.kind === 'drives'
    ? undefined
    : `${label} × ${TRANSPORTS[variant.transport].label}: n/a, ${drive.reason}`;
}

/** A payload kind needs some bytes for its facts; better said now than by a publisher in mid-run. */
function checkPayload({ name, payload }: Workload, seed: number): void {
  try {
    payloadData(payload, seed, 0);
  } catch (error) {
    throw new Failure('usage', `workload ${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** All trials of a scenario have one feed, and it must be one that a trial can hold and that has something to measure. */
function checkFeed({ name, feed, durationNs }: Workload, [trial]: readonly TrialSpec[]): void {
  if (trial === undefined) return;
  const expected = (feed.messagesPerSecond * (trial.warmUpNs + durationNs)) / NS_PER_SECOND;
  if (expected > MOST_MESSAGES) {
    throw new Failure(
      'usage',
      `scenario ${name}: about ${Math.round(expected)} messages would be due in a trial, and ${MOST_MESSAGES} are the most: choose a shorter --duration or a lower rate`,
    );
  }
  if (dueInPlannedWindow(trial) > 0) return;
  throw new Failure(
    'usage',
    `scenario ${name}: of ${feed.messagesPerSecond} messages a second none is due in the ${formatDuration(durationNs)} that are measured: choose a longer --duration, a higher rate${feed.kind === 'poisson' ? ' or another --seed' : ''}`,
  );
}

/** How long a trial takes from its first process to the end of its last. */
export function trialEstimateNs(trial: TrialSpec): number {
  const { bins } = planWindow(trial, 0);
  const polls = cadenceOf(trial.variant) === 'interval' ? pollIntervalNsOf(trial.variant, trial.workload) : 0;
  const processes = OVERHEAD_NS + OVERHEAD_PER_NODE_NS * nodesOf(trial.variant);
  return bins.count * bins.binNs + polls + processes + OVERHEAD_PER_CLIENT_NS * trial.clients;
}

export function estimateNs(plans: readonly ScenarioPlan[]): number {
  return plans.reduce((sum, plan) => sum + planEstimateNs(plan), 0);
}

function planEstimateNs({ workload: { feed, payload }, trials }: ScenarioPlan): number {
  const [first] = trials;
  const feedNs = first === undefined ? 0 : planWindow(first, 0).windowEndNs;
  const messages = (feed.messagesPerSecond * feedNs) / NS_PER_SECOND;
  const hashNs = messages * HASH_PER_BYTE_NS * payload.bytes;
  return trials.reduce((sum, trial) => sum + trialEstimateNs(trial), hashNs);
}
