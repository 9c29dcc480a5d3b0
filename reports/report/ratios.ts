import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { cellKey } from '../../scenarios/result/blocks.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { isSupported, supportText } from '../figures/statistics.ts';
import { ASSUMED_SD, type RatioEstimate, ratioOf } from '../statistics/ratio.ts';
import { unlikeTrials } from '../statistics/siblings.ts';
import type { MetricTrials } from '../statistics/spread.ts';
import { centreOf, type Group, messagesOf, upperPercentile } from './groups.ts';
import { comparableTrials, generatorOf } from './metric-trials.ts';
import type { Report } from './report.ts';
import { isSuspect, type MeasuredRow } from './rows.ts';

/** Of two variants, with the interval that holds the truth in 95 of 100 campaigns. */
export type Ratio =
  | (Extract<RatioEstimate, { state: 'estimated' }> & {
      /** How many of their trials are suspect, where the call is another one without those; 0: it stands without them. */
      readonly dependsOnSuspects: number;
    })
  | { readonly state: 'unranked'; readonly reason: string };

/** How much `of` is of `to`; `comparisons`: how many such ratios are to hold together. */
export function ratioBetween(
  report: Report,
  metric: ComparedMetricId,
  { of, to, comparisons = 1 }: { readonly of: Group; readonly to: Group; readonly comparisons?: number },
): Ratio {
  const { trials, reasons, history } = comparableTrials(report, metric);
  const missing = [of, to].find(({ key }) => reasons.has(key));
  if (missing !== undefined) return { state: 'unranked', reason: `${missing.label}: ${reasons.get(missing.key)}` };
  const pair = { of: of.key, to: to.key };
  const isItself = isControl(report, [of, to]);
  const floor = isItself ? undefined : controlDifference(report, metric);
  const options = {
    comparisons,
    history,
    isSteady: COMPARED[metric].isSteady ?? false,
    ...(!isItself && { assumedSd: ASSUMED_SD }),
    ...(floor !== undefined && { floor }),
  };
  const estimate = ratioOf(trials, pair, options);
  if (estimate.state === 'unranked') {
    // Of single trials that is true of all of them.
    const whose = [of, to].every(({ counting }) => counting.length === 1) ? '' : `${of.label} and ${to.label}: `;
    return { ...estimate, reason: `${whose}${estimate.reason}` };
  }
  const suspects = new Map([of, to].map(({ key, counting }) => [key, suspectBlocks(counting)]));
  const count = [...suspects.values()].reduce((sum, { size }) => sum + size, 0);
  const stands = count === 0 || callOf(ratioOf(without(trials, suspects), pair, options)) === callOf(estimate);
  return { ...estimate, dependsOnSuspects: stands ? 0 : count };
}

function isControl(report: Report, groups: readonly Group[]): boolean {
  const pair = controlPair(report);
  return pair !== undefined && groups.includes(pair.of) && groups.includes(pair.to);
}

/** Where the control differs from itself, nothing smaller is a difference: ln of that ratio. */
function controlDifference(report: Report, metric: ComparedMetricId): number | undefined {
  const red = controlOf(report).find((control) => control.metric === metric && control.isRed);
  return red?.ratio.state === 'estimated' ? Math.abs(Math.log(red.ratio.ratio)) : undefined;
}

function suspectBlocks(counting: Group['counting']): ReadonlySet<number> {
  return new Set(counting.filter(isSuspect).map(({ trial }) => trial.trial));
}

/** Those of the pair alone: all trials tell how much trials differ. */
function without({ variants }: MetricTrials, blocks: ReadonlyMap<string, ReadonlySet<number>>): MetricTrials {
  return {
    variants: variants.map((variant) => ({
      ...variant,
      byBlock: new Map([...variant.byBlock].filter(([block]) => blocks.get(variant.id)?.has(block) !== true)),
    })),
  };
}

function callOf(estimate: RatioEstimate): 'more' | 'less' | 'no difference' | 'none' {
  if (estimate.state === 'unranked') return 'none';
  if (!estimate.differs) return 'no difference';
  return estimate.ratio > 1 ? 'more' : 'less';
}

export type Ranking =
  | {
      readonly state: 'ranked';
      readonly metric: ComparedMetricId;
      /** The least that was seen. */
      readonly best: Group;
      /** The best, where each other one differs from it: wrong in 5 %. */
      readonly winner: Group | undefined;
      /** Where there is no winner: those that were not told apart from the best, all ratios to it together at 95 %. */
      readonly tied: readonly Group[];
      /**
       * By the key of each other group, how much it is of the best: 95 % for each by itself where there is a winner, for that
       * says that all of them hold, otherwise 95 % for all of them together.
       */
      readonly toBest: ReadonlyMap<string, Ratio>;
      /** How many ratios the intervals of other pairs must hold together with. */
      readonly pairs: number;
    }
  | { readonly state: 'unranked'; readonly reason: string };

const rankings = new WeakMap<Report, Map<ComparedMetricId, Ranking>>();

/** Who has the least of a figure, as the first generator saw it. The control's copy is in no ranking. */
export function rankingOf(report: Report, metric: ComparedMetricId): Ranking {
  const ofReport = rankings.get(report) ?? new Map<ComparedMetricId, Ranking>();
  rankings.set(report, ofReport);
  const ranking = ofReport.get(metric) ?? rank(report, metric);
  ofReport.set(metric, ranking);
  return ranking;
}

function rank(report: Report, metric: ComparedMetricId): Ranking {
  const { reasons } = comparableTrials(report, metric);
  const asked = comparedGroups(report);
  const unranked = new Map(asked.flatMap((group) => reasonOf(group, metric, reasons)));
  const ranked = asked
    .filter(({ key }) => !unranked.has(key))
    .map((group) => ({ group, centre: centreOf(group, metric) }))
    .toSorted((a, b) => numberOf(a.centre) - numberOf(b.centre))
    .map(({ group }) => group);
  const [best, ...others] = ranked;
  if (best === undefined || others.length === 0)
    return {
      state: 'unranked',
      reason: [...unranked.values()][0] ?? 'one variant alone has nothing to be compared with',
    };
  // What is worse than the best seen is one of all pairs: any of them might have been the best.
  const pairs = (ranked.length * (ranked.length - 1)) / 2;
  const estimatesAt = (comparisons: number): { of: Group; ratio: Ratio }[] =>
    others.map((of) => ({ of, ratio: ratioBetween(report, metric, { of, to: best, comparisons }) }));
  const alone = estimatesAt(1);
  const isWinner = alone.every(({ ratio }) => differs(ratio));
  const estimates = isWinner ? alone : estimatesAt(pairs);
  const told = estimates.filter(({ ratio }) => ratio.state === 'estimated');
  const [first] = estimates;
  if (told.length === 0 && first?.ratio.state === 'unranked') return { state: 'unranked', reason: first.ratio.reason };
  return {
    state: 'ranked',
    metric,
    best,
    winner: isWinner ? best : undefined,
    tied: isWinner ? [] : told.filter(({ ratio }) => !differs(ratio)).map(({ of }) => of),
    toBest: new Map<string, Ratio>([
      ...estimates.map(({ of, ratio }) => [of.key, ratio] as const),
      ...[...unranked].map(([key, reason]) => [key, { state: 'unranked', reason }] as const),
    ]),
    pairs,
  };
}

/** The ratio of two variants as it stands in their ranking: a page has one interval of it. */
export function rankedRatio(
  report: Report,
  metric: ComparedMetricId,
  { of, to }: { readonly of: Group; readonly to: Group },
): Ratio {
  const ranking = rankingOf(report, metric);
  if (ranking.state === 'unranked') return ratioBetween(report, metric, { of, to });
  const isOfWinner = ranking.winner !== undefined && [of, to].includes(ranking.winner);
  return ratioBetween(report, metric, { of, to, comparisons: isOfWinner ? 1 : ranking.pairs });
}

/** Those that are ranked, of the first generator: another one has costs of its own. */
export function comparedGroups({ result, groups }: Report): Group[] {
  const ids = Object.keys(result.generators);
  const place = (group: Group): number => ids.indexOf(generatorOf(group.rows));
  const first = Math.min(...groups.map(place));
  return groups.filter((group) => !group.isCopy && place(group) === first);
}

function reasonOf(
  group: Group,
  metric: ComparedMetricId,
  reasons: ReadonlyMap<string, string>,
): [key: string, reason: string][] {
  const { percentile } = COMPARED[metric];
  const reason = reasons.get(group.key);
  if (reason !== undefined) return [[group.key, `${group.label}: ${reason}`]];
  const messages = messagesOf(group);
  if (percentile === undefined || isSupported(percentile, messages)) return [];
  return [[group.key, `${group.label}: ${supportText(messages)}`]];
}

function numberOf(figure: ReturnType<typeof centreOf>): number {
  return isAvailable(figure) ? figure : Number.POSITIVE_INFINITY;
}

function differs(ratio: Ratio): boolean {
  return ratio.state === 'estimated' && ratio.differs;
}

/** The figures that a report compares variants by, each one question. */
export function headlineMetrics({ result, groups }: Report): readonly [ComparedMetricId, ...ComparedMetricId[]] {
  if (isSilent(result.workload.feed)) return ['bytes.idle', 'cpu.idle', 'memory.idle'];
  return ['staleness.p50', `staleness.p${upperPercentile(groups)}`, 'bytes.wire', 'cpu.server', 'memory.server'];
}

export interface ControlRatio {
  readonly metric: ComparedMetricId;
  readonly ratio: Ratio;
  /** The interval leaves out 1, though one thing was measured as two: by chance so in 1 of 20 campaigns, all figures together. */
  readonly isRed: boolean;
}

/** What the campaign's control says: one variant against itself. Empty where there is none. */
export function controlOf(report: Report): readonly ControlRatio[] {
  const found = controls.get(report) ?? controlsOf(report);
  controls.set(report, found);
  return found;
}

const controls = new WeakMap<Report, readonly ControlRatio[]>();

function controlsOf(report: Report): ControlRatio[] {
  const pair = controlPair(report);
  if (pair === undefined) return [];
  const metrics = headlineMetrics(report);
  return metrics.map((metric) => {
    const ratio = ratioBetween(report, metric, { ...pair, comparisons: metrics.length });
    // One trial of each is no interval but a guess, and for bytes not even that.
    return { metric, ratio, isRed: differs(ratio) && ratio.state === 'estimated' && ratio.trials > 1 };
  });
}

/** The control and its copy. */
export function controlPair({ result, groups }: Report): { readonly of: Group; readonly to: Group } | undefined {
  const copy = groups.find(({ isCopy }) => isCopy);
  const [row] = copy?.rows ?? [];
  if (copy === undefined || row === undefined) return undefined;
  const key = cellKey({ ...row.trial, copy: false }, result.workload);
  const control = groups.find((group) => group.key === key);
  return control === undefined ? undefined : { of: control, to: copy };
}

/** Trials that are over 3.5 robust standard deviations from the others of their variant: kept, and said. */
export function unlikeSiblings(
  report: Report,
  group: Group,
  metric: ComparedMetricId,
): { readonly row: MeasuredRow; readonly factor: number }[] {
  return unlikeTrials(comparableTrials(report, metric).trials, group.key).flatMap(({ block, factor }) => {
    const row = group.counting.find(({ trial }) => trial.trial === block);
    return row === undefined ? [] : [{ row, factor }];
  });
}
