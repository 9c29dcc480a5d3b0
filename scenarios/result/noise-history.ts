import { z } from 'zod';
import { CLASS_IDS } from '../carriage.ts';
import { MOST_HISTORY_DEGREES, type NoiseEntry } from './noise.ts';
import type { Result } from './result.ts';

/**
 * What a machine's own campaigns have shown of chance, kept from run to run: how much trials of one thing differed in each,
 * and where each stood. What later runs are told of it (`noiseEntries`) is computed anew each time.
 */
export const NOISE_SCHEMA = 'feedbench.noise/1';

const amount = z.number();

/** A logarithm of a figure, or how much such ones differ, is far below it: what is beyond was no measurement. */
const MOST = 1000;

/** What a machine is taken for the same by: another processor, kernel or Node is another machine. */
const machineSchema = z.strictObject({
  cpu: z.string().nullable(),
  cores: z.int(),
  system: z.string(),
  node: z.string(),
});

const spreadSchema = z.strictObject({
  classId: z.enum(CLASS_IDS),
  metric: z.string(),
  /** Of ln(figure), what blocks have in common taken off; and the degrees of freedom that it rests on. */
  variance: amount.min(0).max(MOST),
  degrees: amount.positive().max(MOST),
});

/** Where a variant stood, so that campaigns at different times can be held against each other. */
const levelSchema = z.strictObject({
  classId: z.enum(CLASS_IDS),
  metric: z.string(),
  /** Equal for equal settings: workload, variant, generator. */
  setting: z.string(),
  /** The mean of ln(figure), and how much such a mean differs by chance within the campaign: a variance. */
  mean: amount.min(-MOST).max(MOST),
  meanVariance: amount.min(0).max(MOST),
});

const campaignSchema = z.strictObject({
  at: z.iso.datetime(),
  machine: machineSchema,
  windowNs: amount.positive(),
  spreads: z.array(spreadSchema),
  levels: z.array(levelSchema),
});

export const noiseHistorySchema = z.strictObject({
  schema: z.literal(NOISE_SCHEMA),
  /** The oldest first. */
  campaigns: z.array(campaignSchema),
});

export type Machine = z.infer<typeof machineSchema>;
export type CampaignNoise = z.infer<typeof campaignSchema>;

/** Of one machine and window: a machine changes, so the newest push out the oldest. A calibration brings as many. */
const MOST_CAMPAIGNS = 20;
/** Of all of them, other machines' too, where they share a home. */
const MOST_KEPT = 200;
/** Fewer campaigns of one setting do not tell how much they differ. */
const FEWEST_SESSION_DEGREES = 4;

/** Where a result was measured; undefined where it does not say. */
export function machineOf({ environment }: Pick<Result, 'environment'>): Machine | undefined {
  const { cpu, cores, system, node } = environment;
  const parsed = machineSchema.safeParse({ cpu, cores, system, node });
  return parsed.success ? parsed.data : undefined;
}

function isSameMachine(a: Machine, b: Machine): boolean {
  return a.cpu === b.cpu && a.cores === b.cores && a.system === b.system && a.node === b.node;
}

/** With what is new at the end, and without what is too old. */
export function withCampaigns(kept: readonly CampaignNoise[], added: readonly CampaignNoise[]): CampaignNoise[] {
  const all = [...kept, ...added].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const stays = all.filter((campaign, index) => {
    const newer = all.slice(index + 1).filter((other) => isAlike(campaign, other));
    return newer.length < MOST_CAMPAIGNS;
  });
  return stays.slice(-MOST_KEPT);
}

function isAlike(a: CampaignNoise, b: CampaignNoise): boolean {
  return a.windowNs === b.windowNs && isSameMachine(a.machine, b.machine);
}

/** What this machine's campaigns come to: an entry for each class, figure and window. */
export function noiseEntries(campaigns: readonly CampaignNoise[], machine: Machine): NoiseEntry[] {
  const own = campaigns.filter((campaign) => isSameMachine(campaign.machine, machine));
  return [...Map.groupBy(own, ({ windowNs }) => windowNs)].flatMap(([windowNs, ofWindow]) => {
    const spreads = ofWindow.flatMap(({ at, spreads: found }) => found.map((spread) => ({ ...spread, at })));
    const levels = ofWindow.flatMap((campaign) => campaign.levels);
    return [...Map.groupBy(spreads, keyOf)].flatMap(([key, alike]): NoiseEntry[] => {
      const [first] = alike;
      if (first === undefined) return [];
      const degrees = sum(alike.map((spread) => spread.degrees));
      return [
        {
          classId: first.classId,
          metric: first.metric,
          windowNs,
          sd: Math.sqrt(sum(alike.map((spread) => spread.degrees * spread.variance)) / degrees),
          degrees: Math.min(MOST_HISTORY_DEGREES, degrees),
          betweenSessionsSd: betweenSessionsSd(levels.filter((level) => keyOf(level) === key)),
          measuredAt: alike.map(({ at }) => at).reduce((newest, at) => (at > newest ? at : newest)),
        },
      ];
    });
  });
}

function keyOf({ classId, metric }: { readonly classId: string; readonly metric: string }): string {
  return `${classId} ${metric}`;
}

type Level = z.infer<typeof levelSchema>;

/**
 * σ² = variance of the campaigns' means − the mean variance that such a mean has by chance, over settings by their degrees of
 * freedom (one-way analysis of variance with random effects); null where too few campaigns tell.
 */
function betweenSessionsSd(levels: readonly Level[]): number | null {
  const settings = [...Map.groupBy(levels, ({ setting }) => setting).values()].filter(({ length }) => length > 1);
  const degrees = sum(settings.map(({ length }) => length - 1));
  if (degrees < FEWEST_SESSION_DEGREES) return null;
  const excess = settings.map((ofSetting) => {
    const means = ofSetting.map((level) => level.mean);
    const centre = sum(means) / means.length;
    const squares = sum(means.map((mean) => (mean - centre) ** 2));
    const byChance = sum(ofSetting.map(({ meanVariance }) => meanVariance)) / ofSetting.length;
    return squares - (means.length - 1) * byChance;
  });
  return Math.sqrt(Math.max(0, sum(excess) / degrees));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
