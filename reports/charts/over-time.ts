import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { serverCpuNsPerBin } from '../figures/figures.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { type Chart, type LineDataset, type LineDrawing, lookOf } from './chart.ts';

type Series = (row: MeasuredRow) => readonly (number | null)[] | undefined;

/** One point a bin, at its end. */
function drawOverTime(
  measured: readonly MeasuredRow[],
  value: LineDrawing['value'],
  series: Series,
): LineDrawing | string {
  const datasets = measured.flatMap((row): LineDataset[] => {
    const { firstBin, endBin } = row.trial.window;
    const seconds = binSeconds(row);
    const data = series(row)?.flatMap((y, bin) => (y === null ? [] : [{ x: (bin + 1) * seconds, y }]));
    if (data === undefined) return [];
    // A segment belongs to the bin that it leads to.
    return [{ ...lookOf(row), data, solid: { from: firstBin * seconds, to: endBin * seconds } }];
  });
  if (datasets.length === 0) return 'Nothing was measured.';
  return {
    type: 'line',
    datasets,
    value: value.type === 'logarithmic' ? value : { min: 0, ...value },
    along: { title: 'seconds of the feed', format: 'seconds', type: 'linear', min: 0 },
  };
}

const WARM_UP = 'Dashed: the warm-up, which is in no figure.';

function binSeconds({ trial }: MeasuredRow): number {
  return trial.window.binNs / NS_PER_SECOND;
}

export const stalenessOverTime: Chart = {
  id: 'staleness-over-time',
  question: 'Does staleness hold?',
  caption: () => `Median staleness of the messages that were due in each bin, on a logarithmic scale. ${WARM_UP}`,
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'median staleness', format: 'milliseconds', type: 'logarithmic' }, (row) =>
      row.trial.histogramsPerBin.staleness?.map((bin) => (bin === null ? null : bin.p50Ns / NS_PER_MS)),
    ),
};

export const connectionsOverTime: Chart = {
  id: 'connections-over-time',
  question: 'Did the connections hold?',
  caption: () => `Client connections that were open at the end of each bin. ${WARM_UP}`,
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'connections', format: 'number' }, ({ trial }) => trial.gaugesPerBin.connections),
};

export const deliveriesOverTime: Chart = {
  id: 'deliveries-over-time',
  question: 'How evenly do messages arrive?',
  caption: () => `Messages that became readable at clients, per second. ${WARM_UP}`,
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'deliveries per second', format: 'number' }, (row) =>
      row.trial.countersPerBin.deliveries?.map((count) => count / binSeconds(row)),
    ),
};

export const serverCpuOverTime: Chart = {
  id: 'server-cpu-over-time',
  question: 'How busy is the server?',
  caption: () => `CPU of all server processes, Redis included; 100 % is one core. ${WARM_UP}`,
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'server CPU', format: 'percent' }, (row) =>
      serverCpuNsPerBin(row.trial).map((cpuNs) => (100 * cpuNs) / row.trial.window.binNs),
    ),
};
