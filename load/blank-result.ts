import { hashFeed } from '../scenarios/feed/schedule-hash.ts';
import type { Campaign } from '../scenarios/result/campaign.ts';
import type { NoiseEntry } from '../scenarios/result/noise.ts';
import { type Result, SCHEMA } from '../scenarios/result/result.ts';
import { variantKey } from '../scenarios/variant.ts';
import { traitsOf } from '../servers/registry.ts';
import { campaignTrials } from './campaign/campaign-length.ts';
import { isCampaign } from './campaign/campaign-plan.ts';
import { balancerOf, versionOf } from './fleet/balancer.ts';
import { describeEnvironment } from './machine/environment.ts';
import type { Placement } from './machine/placement.ts';
import type { ScenarioPlan } from './plan.ts';
import { generatorRow } from './registry.ts';
import { recordedVariant, type TrialSpec } from './trial-spec.ts';
import { UNKNOWN_FEED } from './trial/foreign-trial.ts';
import { feedOf } from './trial/window.ts';

interface Occasion {
  readonly id: string;
  readonly command: string;
  readonly stop: AbortSignal;
  readonly placement: Placement;
  readonly noise: readonly NoiseEntry[];
}

/** A result without trials. Undefined where it was stopped meanwhile. */
export async function blankResult(
  plan: ScenarioPlan,
  { id, command, stop, placement, noise }: Occasion,
): Promise<Result | undefined> {
  const specs = [...plan.cells, ...plan.light];
  const now = new Date().toISOString();
  const manifest = await manifestOf(plan, stop);
  if (manifest === undefined) return undefined;
  return {
    schema: SCHEMA,
    id,
    startedAt: now,
    endedAt: now,
    partial: true,
    plannedTrials: campaignTrials(plan),
    command,
    seed: plan.seed,
    workload: plan.workload,
    manifest,
    transports: Object.fromEntries(specs.map((spec) => [recordedVariant(spec).transport, traitsOfSpec(spec)])),
    generators: Object.fromEntries(specs.map(({ generator }) => [generator, generatorOf(generator)])),
    environment: { ...(await describeEnvironment(placement)), ...(await balancerVersions(specs)) },
    campaign: isCampaign(plan.course) ? campaignRecord(plan) : null,
    noise: [...noise],
    trials: [],
  };
}

async function balancerVersions(specs: readonly TrialSpec[]): Promise<Result['environment']> {
  const ids = new Set(specs.flatMap(({ variant }) => balancerOf(variant.values)?.id ?? []));
  return Object.fromEntries(await Promise.all([...ids].map(async (id) => [id, await versionOf(id)] as const)));
}

/** Somebody's own server has its own name, and gets messages to clients as the transport does that it is of. */
function traitsOfSpec({ variant, foreign }: TrialSpec): Result['transports'][string] {
  const traits = traitsOf(variant.transport);
  if (foreign === undefined) return traits;
  const outside = { label: foreign.label, outside: true, nearest: variant.transport } as const;
  return traits.cadence === 'push'
    ? { ...outside, cadence: traits.cadence, framing: [] }
    : { ...outside, cadence: traits.cadence };
}

function generatorOf(id: TrialSpec['generator']): Result['generators'][string] {
  const { label, resolutionNs } = generatorRow(id);
  return { label, resolutionNs };
}

function campaignRecord({ cells, light, seed, workload, course }: ScenarioPlan): Campaign {
  const control = cells.find(({ copy }) => copy);
  return {
    seed,
    control: control === undefined ? null : variantKey(recordedVariant(control), workload),
    blocks: [],
    plannedBlocks: course.blocks ?? null,
    budgetNs: course.budgetNs ?? null,
    target: course.target ?? null,
    cells: [...cells, ...light].map((spec) => {
      const { generator, clients, copy } = spec;
      return { variant: recordedVariant(spec), generator, clients, copy };
    }),
    endedBy: null,
  };
}

/** All trials of a scenario have one feed: the first one's will do. Undefined where it was stopped meanwhile. */
async function manifestOf({ cells }: ScenarioPlan, stop: AbortSignal): Promise<Result['manifest'] | undefined> {
  const [first] = cells;
  if (first === undefined) throw new RangeError('a plan has a trial');
  if (first.foreign?.isPublishedTo === false)
    return { scheduleHash: UNKNOWN_FEED, messages: 0, warmUpNs: first.warmUpNs, windowNs: first.windowNs };
  const feed = feedOf(first);
  const scheduleHash = await hashFeed(feed, stop);
  if (scheduleHash === undefined) return undefined;
  return {
    scheduleHash,
    messages: feed.messages,
    warmUpNs: first.warmUpNs,
    windowNs: first.windowNs,
  };
}
