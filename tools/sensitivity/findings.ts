import { type ComparedMetricId, COMPARED } from '../../reports/figures/compared.ts';
import { isAvailable } from '../../reports/figures/figure.ts';
import { centreOf, type Group } from '../../reports/report/groups.ts';
import { rankingOf, ratioBetween } from '../../reports/report/ratios.ts';
import type { Report } from '../../reports/report/report.ts';
import type { RatioEstimate } from '../../reports/statistics/ratio.ts';
import { changeBetween } from '../../reports/compare/change.ts';

/** What a campaign made of what was planted, and whether it is what was planted. */
export interface Finding {
  readonly isRight: boolean;
  readonly text: string;
}

interface Pair {
  readonly of: Group;
  readonly to: Group;
}

/** Of the transport; not the copy of it as which a control was measured. */
export function groupOf({ groups }: Report, transport: string): Group {
  const group = groups.find(({ rows, isCopy }) => !isCopy && rows[0]?.trial.variant.transport === transport);
  if (group === undefined) throw new Error(`the report has nothing of ${transport}`);
  return group;
}

/** That one is told to be later than the other, by an interval that holds how much later it is. */
export function laterBy(plantedNs: number, ratio: RatioEstimate, baseNs: number): Finding {
  const { format } = COMPARED['staleness.p50'];
  if (ratio.state === 'unranked') return { isRight: false, text: `not compared: ${ratio.reason}` };
  const laterNs = (times: number): number => baseNs * (times - 1);
  const [least, most] = [laterNs(ratio.low), laterNs(ratio.high)];
  const holds = least <= plantedNs && plantedNs <= most;
  return {
    isRight: ratio.differs && holds,
    text: `${ratioText(ratio)} times, which is ${format(laterNs(ratio.ratio))} later (${format(least)} … ${format(most)}): ${
      ratio.differs ? 'found' : 'NOT FOUND'
    }, and the interval ${holds ? 'holds' : 'DOES NOT HOLD'} ${format(plantedNs)}`,
  };
}

/** That no difference is found, and what would have been. */
export function notTold(ratio: RatioEstimate): Finding {
  if (ratio.state === 'unranked') return { isRight: false, text: `not compared: ${ratio.reason}` };
  if (ratio.differs) return { isRight: false, text: `${ratioText(ratio)} times: CALLED A DIFFERENCE` };
  return {
    isRight: ratio.smallest > 1,
    text: `no difference found (${ratioText(ratio)}); one of ×${ratio.smallest.toFixed(2)} would have been, 4 times in 5`,
  };
}

/** Inside one campaign. */
export function stalenessFinding(report: Report, pair: Pair, plantedNs: number): Finding {
  const base = centreOf(pair.to, 'staleness.p50');
  if (!isAvailable(base)) return { isRight: false, text: base.reason };
  const finding = laterBy(plantedNs, ratioBetween(report, 'staleness.p50', pair), base);
  const ranking = rankingOf(report, 'staleness.p50');
  const named = ranking.state === 'ranked' ? ranking.toBest.get(pair.of.key) : undefined;
  const isNamed = named?.state === 'estimated' && named.differs && named.ratio > 1;
  return { ...finding, isRight: finding.isRight && isNamed };
}

/** How one transport changed from one campaign to another one, which was measured at another time. */
export function changeOf(
  { before, after }: { readonly before: Report; readonly after: Report },
  transport: string,
  metric: ComparedMetricId,
): { readonly before: number; readonly estimate: RatioEstimate } {
  const sideOf = (report: Report) => ({ report, group: groupOf(report, transport) });
  const change = changeBetween({ before: sideOf(before), after: sideOf(after) }, metric, 1);
  return change.state === 'compared' ? change : { before: 0, estimate: { state: 'unranked', reason: change.reason } };
}

/** Variants that are called worse than the best by a metric, all called together at 95 %. */
export function calledWorse(report: Report, metric: ComparedMetricId): string[] {
  const ranking = rankingOf(report, metric);
  if (ranking.state === 'unranked') return [];
  return report.groups
    .filter(({ key }) => {
      const ratio = ranking.toBest.get(key);
      return ratio?.state === 'estimated' && ratio.differs;
    })
    .map(({ label }) => label);
}

function ratioText({ ratio, low, high }: Extract<RatioEstimate, { state: 'estimated' }>): string {
  return `×${ratio.toFixed(3)}, ${low.toFixed(3)} … ${high.toFixed(3)}`;
}
