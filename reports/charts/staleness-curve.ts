import { Histogram } from '../../scenarios/histogram.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { histogramOf } from '../figures.ts';
import type { MeasuredRow } from '../report.ts';
import { highestSupported, percentileAt, percentilePosition } from '../statistics.ts';
import { type Chart, type Dataset, lookOf } from './chart.ts';

const STEP = 0.05;
/** p0, p50, p90, p99, p99.9, p99.99. */
const TICKS = [0, percentilePosition(50), 1, 2, 3, 4];
const LEAST_MS = 0.01;

export const stalenessCurve: Chart = {
  id: 'staleness-curve',
  question: 'How stale is what a client sees?',
  caption: () =>
    'Share of deliveries (each further nine has the same room) against their staleness, from the moment a message was due to the moment it was readable, on a logarithmic scale. Dashed: beyond what the number of messages supports.',
  build: ({ measured }) => {
    const datasets = measured.flatMap((row) => curveOf(row) ?? []);
    if (datasets.length === 0) return 'Nothing was delivered.';
    return {
      type: 'line',
      datasets,
      valueAxis: 'y',
      axes: {
        value: { title: 'staleness', format: 'milliseconds', type: 'logarithmic' },
        other: { title: 'percentile of deliveries', format: 'percentile', type: 'linear', min: 0, values: TICKS },
      },
    };
  },
};

function curveOf(row: MeasuredRow): Dataset | undefined {
  const histogram = histogramOf(row.trial, 'staleness');
  if (!(histogram instanceof Histogram)) return undefined;
  const end = percentilePosition(Math.max(50, highestSupported(histogram.count)));
  const positions = Array.from({ length: Math.floor(end / STEP) + 1 }, (_, index) => index * STEP);
  return {
    ...lookOf(row),
    data: [...positions, end].map((x) => ({
      x,
      y: Math.max(LEAST_MS, histogram.percentileNs(percentileAt(x)) / NS_PER_MS),
    })),
    dashedBeyond: percentilePosition(highestSupported(row.trial.dueInWindow)),
  };
}
