import { isOfSenders } from '../../scenarios/feed/conflation.ts';
import { isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { COMPARED, type ComparedMetric } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { isSupported } from '../figures/statistics.ts';
import { centreOf, type Group, messagesOf } from './groups.ts';
import { headlineMetrics } from './ratios.ts';
import type { Report } from './report.ts';

/** Before a percentile that too few messages support. */
export const UNSUPPORTED_MARK = '≈';

/** Whether a figure of a variant is a percentile with fewer than ten messages beyond it. */
export function isUnsupported(group: Group, { percentile }: ComparedMetric): boolean {
  return percentile !== undefined && !isSupported(percentile, messagesOf(group));
}

/** The centre of a variant's trials as text: `1.31 s`, `≈2.04 ms`, `n/a`. */
export function centreText(group: Group, metric: ComparedMetric): string {
  const centre = centreOf(group, metric.id);
  if (!isAvailable(centre)) return 'n/a';
  return `${isUnsupported(group, metric) ? UNSUPPORTED_MARK : ''}${metric.format(centre)}`;
}

/** What variants are compared by, side by side. */
export function metricsOf(report: Report): readonly ComparedMetric[] {
  const leavesOut = report.measured.some(({ trial }) => trial.audit.leftOut > 0);
  const talks = isSaidByClients(report.result.workload.feed);
  const values = isOfSenders(report.result.workload.feed);
  const streams = report.result.workload.feed.kind === 'streams';
  return headlineMetrics(report).flatMap((id) => [
    COMPARED[id],
    // A message costs more where others are left out for it, and a client costs less.
    ...(id === 'bytes.wire' && leavesOut ? [COMPARED['bytes.client']] : []),
    ...(id === 'staleness.p50' && streams ? [COMPARED['toFirst.p50'], COMPARED['gap.p99']] : []),
    ...(id === 'staleness.p50' && values ? [COMPARED['age.mean']] : []),
    ...(id === 'staleness.p50' && talks ? [COMPARED['acknowledgement.p50']] : []),
  ]);
}
