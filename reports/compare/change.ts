import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { isSupported, supportText } from '../figures/statistics.ts';
import { centreOf, type Group, messagesOf } from '../report/groups.ts';
import { comparableTrials } from '../report/metric-trials.ts';
import type { Report } from '../report/report.ts';
import { isSuspect } from '../report/rows.ts';
import { ratioAcross, type RatioEstimate } from '../statistics/ratio.ts';

/** What a metric of a variant came to in two results. */
export type Change = Compared | { readonly state: 'unknown'; readonly reason: string };

export interface Compared {
  readonly state: 'compared';
  readonly before: number;
  readonly after: number;
  /** After ÷ before, as separate campaigns are compared. */
  readonly estimate: Estimate;
  /** The same so that all comparisons of the table hold together: what differs here is no accident of many. */
  readonly holdsForAll: boolean;
  /** Trials of either side that are suspect. */
  readonly suspects: number;
}

type Estimate = Extract<RatioEstimate, { state: 'estimated' }>;

/** A variant in one of the results. */
export interface Side {
  readonly report: Report;
  readonly group: Group;
}

/** `comparisons`: how many there are in all. */
export function changeBetween(
  sides: { readonly before: Side; readonly after: Side },
  metric: ComparedMetricId,
  comparisons: number,
): Change {
  const { before, after } = sides;
  const [left, right] = [centreOf(before.group, metric), centreOf(after.group, metric)];
  if (!isAvailable(left)) return { state: 'unknown', reason: left.reason };
  if (!isAvailable(right)) return { state: 'unknown', reason: right.reason };
  const { percentile } = COMPARED[metric];
  const messages = Math.min(messagesOf(before.group), messagesOf(after.group));
  if (percentile !== undefined && !isSupported(percentile, messages))
    return { state: 'unknown', reason: `too few messages for p${percentile}: ${supportText(messages)}` };
  const reason = [before, after]
    .map(({ report, group }) => comparableTrials(report, metric).reasons.get(group.key))
    .find((one) => one !== undefined);
  if (reason !== undefined) return { state: 'unknown', reason };
  const estimate = acrossAt(sides, metric, 1);
  if (estimate.state === 'unranked') return { state: 'unknown', reason: estimate.reason };
  const together = acrossAt(sides, metric, Math.max(1, comparisons));
  return {
    state: 'compared',
    before: left,
    after: right,
    estimate,
    holdsForAll: together.state === 'estimated' && together.differs,
    suspects: [...before.group.counting, ...after.group.counting].filter(isSuspect).length,
  };
}

function acrossAt(
  { before, after }: { readonly before: Side; readonly after: Side },
  metric: ComparedMetricId,
  comparisons: number,
): RatioEstimate {
  return ratioAcross(campaignOf(after, metric), campaignOf(before, metric), {
    comparisons,
    isSteady: COMPARED[metric].isSteady ?? false,
    betweenSessionsSd: betweenSessionsSd([before, after], metric),
  });
}

function campaignOf({ report, group }: Side, metric: ComparedMetricId): Parameters<typeof ratioAcross>[0] {
  const { trials, history } = comparableTrials(report, metric);
  return { trials, history, id: group.key };
}

/** Where no history tells: measured with campaigns minutes apart, see METHODOLOGY.md. */
const USUAL_BETWEEN_SESSIONS = 0.08;
/** Of upper percentiles: that of p99, which is the widest. */
const USUAL_BETWEEN_SESSIONS_UPPER = 0.15;
const UPPER: ReadonlySet<ComparedMetricId> = new Set([
  'staleness.p90',
  'staleness.p95',
  'staleness.p99',
  'staleness.max',
]);

function betweenSessionsSd(sides: readonly Side[], metric: ComparedMetricId): number {
  const known = sides.flatMap(({ report: { result }, group: { classId } }) =>
    result.noise
      .filter((entry) => entry.metric === metric && entry.classId === classId)
      .filter((entry) => entry.windowNs === result.manifest.windowNs)
      .flatMap((entry) => entry.betweenSessionsSd ?? []),
  );
  if (known.length > 0) return Math.max(...known);
  if (COMPARED[metric].isSteady === true) return 0;
  return UPPER.has(metric) ? USUAL_BETWEEN_SESSIONS_UPPER : USUAL_BETWEEN_SESSIONS;
}
