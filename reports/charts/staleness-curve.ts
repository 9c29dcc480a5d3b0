import { Histogram } from '../../scenarios/measures/histogram.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { histogramOf, supportingMessages } from '../figures/figures.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { highestSupported, percentileAt, percentilePosition } from '../figures/statistics.ts';
import { type Chart, type LineDataset, lookOf } from './chart.ts';

const STEP = 0.05;
const MEDIAN = percentilePosition(50);
/** p50, p90, p99, p99.9, p99.99. */
const MARKS = [MEDIAN, 1, 2, 3, 4];
/** A logarithmic scale has no zero. */
const LEAST_MS = 0.01;

export const stalenessCurve: Chart = {
  id: 'staleness-curve',
  question: 'How stale is what a client sees?',
  caption: () =>
    'Staleness, from the moment a message was due to the moment it was readable, by the share of deliveries that were no staler; each further nine has the same room, and the scale of staleness is logarithmic. Dashed: beyond what the number of messages supports.',
  build: ({ measured }) => {
    const datasets = measured.flatMap((row) => curveOf(row) ?? []);
    if (datasets.length === 0) return 'Nothing was delivered.';
    return {
      type: 'line',
      datasets,
      value: { title: 'staleness', format: 'milliseconds', type: 'logarithmic' },
      along: { title: 'percentile of deliveries', format: 'percentile', type: 'linear', min: 0, values: [0, ...MARKS] },
    };
  },
};

/** Ends where even the deliveries, of which there are many for each message, support no more. */
function curveOf(row: MeasuredRow): LineDataset | undefined {
  const histogram = histogramOf(row.trial, 'staleness');
  if (!(histogram instanceof Histogram)) return undefined;
  const end = percentilePosition(Math.max(50, highestSupported(histogram.count)));
  const supported = percentilePosition(highestSupported(supportingMessages(row.trial)));
  const steps = Array.from({ length: Math.floor(end / STEP) + 1 }, (_, index) => Math.round(index * STEP * 100) / 100);
  const positions = [...steps, MEDIAN, supported, end].filter((position) => position <= end);
  return {
    ...lookOf(row),
    data: [...new Set(positions)]
      .toSorted((a, b) => a - b)
      .map((x) => ({ x, y: Math.max(LEAST_MS, histogram.percentileNs(percentileAt(x)) / NS_PER_MS) })),
    solid: { from: 0, to: supported },
    marks: MARKS,
  };
}
