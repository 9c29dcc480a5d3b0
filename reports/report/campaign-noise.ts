import { type CampaignNoise, machineOf } from '../../scenarios/result/noise-history.ts';
import { CLASS_IDS, type ClassId } from '../../scenarios/carriage.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import {
  blocksOfAll,
  classTable,
  logsOf,
  mean,
  plainSpread,
  pooledSd,
  type VariantTrials,
} from '../statistics/spread.ts';
import { classIdOf, comparableTrials } from './metric-trials.ts';
import { comparedGroups, controlPair } from './ratios.ts';
import type { Report } from './report.ts';

/**
 * What a campaign adds to its machine's history; undefined where it has no control, was cut short, or does not say where it was
 * measured. All variants of a class tell how much trials differ, whatever differs between them.
 */
export function noiseOf(report: Report): CampaignNoise | undefined {
  const { result } = report;
  const machine = machineOf(result);
  const isWhole = result.campaign !== null && WHOLE.has(result.campaign.endedBy);
  if (machine === undefined || !isWhole || controlPair(report) === undefined) return undefined;
  const metrics = Object.keys(COMPARED) as ComparedMetricId[];
  return {
    at: result.startedAt,
    machine,
    windowNs: result.manifest.windowNs,
    spreads: metrics.flatMap((metric) => spreadsOf(report, metric)),
    levels: metrics.flatMap((metric) => levelsOf(report, metric)),
  };
}

const WHOLE: ReadonlySet<NonNullable<Result['campaign']>['endedBy']> = new Set(['trials', 'time', 'width']);

/** By their names among the trials. */
function classesOf(report: Report): { readonly classId: ClassId; readonly id: string }[] {
  const groups = comparedGroups(report);
  return CLASS_IDS.flatMap((classId) => {
    const group = groups.find((candidate) => candidate.classId === classId);
    return group === undefined ? [] : [{ classId, id: classIdOf(group) }];
  });
}

function spreadsOf(report: Report, metric: ComparedMetricId): CampaignNoise['spreads'] {
  return classesOf(report).flatMap(({ id, classId }) => {
    const spread = pooledSd(comparableTrials(report, metric).trials, id);
    return spread === undefined ? [] : [{ classId, metric, variance: spread.sd ** 2, degrees: spread.degrees }];
  });
}

function levelsOf(report: Report, metric: ComparedMetricId): CampaignNoise['levels'] {
  const { trials } = comparableTrials(report, metric);
  return classesOf(report).flatMap(({ id, classId }) => {
    const { ofVariant } = plainSpread(classTable(trials, id));
    return trials.variants
      .filter((variant) => variant.classId === id)
      .flatMap((variant) => {
        const variance = ofVariant(variant.id);
        return variance === undefined
          ? []
          : [{ classId, metric, setting: settingOf(report, variant), ...levelOf(variant, variance) }];
      });
  });
}

function levelOf(variant: VariantTrials, variance: number): { readonly mean: number; readonly meanVariance: number } {
  const blocks = blocksOfAll([variant]);
  return { mean: mean(logsOf(variant, blocks)), meanVariance: variance / blocks.length };
}

function settingOf({ result }: Report, variant: VariantTrials): string {
  const { name, feed, payload, pollIntervalNs } = result.workload;
  return JSON.stringify([name, feed, payload, pollIntervalNs, result.manifest.warmUpNs, variant.id]);
}
