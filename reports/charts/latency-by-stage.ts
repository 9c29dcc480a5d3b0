import { type Figure, isAvailable, sum } from '../figures/figure.ts';
import { latencyFigure, latencyOf } from '../figures/figures.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { centreOf, type Group, rangeOf } from '../report/groups.ts';
import type { Bar } from './stacked-bars.ts';
import { subjectOf } from './subject.ts';

/** The steps of blue, in the order in which a message goes through its stages. */
const STAGES = {
  reached: { step: 0, label: 'from due to the node’s log' },
  published: { step: 4, label: 'from due to published' },
  network: { step: 2, label: 'network, one way' },
  inTurn: { step: 1, label: 'in turn on the server, until readable' },
  untilPolled: { step: 3, label: 'until the next poll' },
} as const;

/**
 * What the median staleness is made of. The first stages are measured by themselves, by their own medians; the last one is what
 * is left.
 */
export function latencyBar(group: Group): Bar | undefined {
  const total = centreOf(group, 'staleness.p50');
  if (!isAvailable(total)) return undefined;
  const lateness = meanOver(group, ({ trial }) => latencyFigure(latencyOf(trial, 'lateness'), 'p50Ns'));
  const hop = meanOver(group, ({ trial }) => latencyFigure(latencyOf(trial, 'backplane'), 'p50Ns'));
  const network = meanOver(group, ({ trial }) => trial.oneWayDelayNs);
  const first = hop === undefined ? STAGES.published : STAGES.reached;
  const before = [
    { ...first, value: (lateness ?? 0) + (hop ?? 0) },
    { ...STAGES.network, value: network ?? 0 },
  ];
  const known = sum(before.map(({ value }) => value));
  // Medians of stages are not stages of the median: together they can be a little more than it.
  const shown = known > total ? before.map((stage) => ({ ...stage, value: (stage.value * total) / known })) : before;
  const last = group.cadence === 'interval' ? STAGES.untilPolled : STAGES.inTurn;
  const range = group.counting.length > 1 ? rangeOf(group, 'staleness.p50') : undefined;
  const layers = [...shown, { ...last, value: Math.max(0, total - known) }];
  return { subject: subjectOf(group), layers, total, range };
}

/** Undefined where a trial does not tell. */
function meanOver({ counting }: Group, of: (row: MeasuredRow) => Figure): number | undefined {
  const values = counting.map(of).filter((value) => isAvailable(value));
  return values.length < counting.length ? undefined : sum(values) / values.length;
}
