import { CLASS_IDS, type ClassId } from '../../scenarios/carriage.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import type { Judge } from '../../load/campaign/judge.ts';
import { COMPARED, type ComparedMetricId } from '../../reports/figures/compared.ts';
import { isAvailable } from '../../reports/figures/figure.ts';
import { outsideDisturbance, type ReasonCode, verdictOf } from '../../reports/figures/verdict.ts';
import { type Group, upperPercentile } from '../../reports/report/groups.ts';
import { buildReport } from '../../reports/report/report.ts';
import { halfWidth } from '../../reports/statistics/ratio.ts';
import { type MetricTrials, pooledSd, type VariantTrials } from '../../reports/statistics/spread.ts';

/** What the reports know of trials, for a campaign that must decide what it measures next. */
export const CAMPAIGN_JUDGE: Judge = {
  isDisturbed: (trial) => outsideDisturbance(trial) > 0 && !isOfItsOwnMaking(trial),
  narrow: (result, target) => {
    const { groups } = buildReport(result);
    const classes = new Set(groups.map(({ classId }) => classId));
    return new Set(CLASS_IDS.filter((id) => classes.has(id) && isNarrow(groups, id, target)));
  },
};

/** What a machine does to a load that is too much for it: a quota is used up, a hypervisor shares out, a coordinator waits. */
const BROUGHT_ABOUT: ReadonlySet<ReasonCode> = new Set(['throttled', 'stolen', 'late-edge']);

function isOfItsOwnMaking(trial: MeasuredTrial): boolean {
  const verdict = verdictOf(trial, {});
  if (verdict.state === 'trusted') return false;
  const outside = verdict.reasons.filter(({ cause }) => cause === 'outside');
  const isBusy = verdict.reasons.some(({ code }) => code === 'busy');
  return isBusy && outside.every(({ code }) => BROUGHT_ABOUT.has(code));
}

/** By how much trials of one thing scatter, not by what differs: every headline of the class is as sharp as is asked for. */
function isNarrow(groups: readonly Group[], classId: ClassId, target: number): boolean {
  const headlines: readonly ComparedMetricId[] = [
    'staleness.p50',
    `staleness.p${upperPercentile(groups)}`,
    'cpu.server',
    'bytes.wire',
  ];
  return headlines.every((metric) => {
    const trials = trialsOf(groups, metric);
    const own = trials.variants.filter((variant) => variant.classId === classId);
    // What no trial has, such as bytes without a wire of its own, nobody waits for.
    if (own.length === 0) return true;
    const spread = pooledSd(trials, classId);
    const blocks = Math.min(...own.map(({ byBlock }) => byBlock.size));
    return spread !== undefined && halfWidth(spread, blocks) <= target;
  });
}

function trialsOf(groups: readonly Group[], metric: ComparedMetricId): MetricTrials {
  return { variants: groups.flatMap((group) => figuresByBlock(group, metric)) };
}

function figuresByBlock({ key, classId, counting }: Group, metric: ComparedMetricId): VariantTrials[] {
  const figures = counting.flatMap(({ trial, figures: all }): [number, number][] => {
    const figure = COMPARED[metric].of(trial, all);
    return isAvailable(figure) && figure > 0 ? [[trial.trial, figure]] : [];
  });
  return figures.length === 0 ? [] : [{ id: key, classId, byBlock: new Map(figures) }];
}
