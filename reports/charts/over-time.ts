import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { serverCpuNsPerBin } from '../figures.ts';
import type { MeasuredRow } from '../report.ts';
import { type Chart, type Drawing, lookOf } from './chart.ts';

type Series = (row: MeasuredRow) => readonly (number | null)[] | undefined;

function drawOverTime(
  measured: readonly MeasuredRow[],
  value: Drawing['axes']['value'],
  series: Series,
): Drawing | string {
  const datasets = measured.flatMap((row) => {
    const values = series(row);
    if (values === undefined) return [];
    const seconds = row.trial.window.binNs / NS_PER_SECOND;
    const data = values.flatMap((y, bin) => (y === null ? [] : [{ x: (bin + 1) * seconds, y }]));
    return [{ ...lookOf(row), data, points: true }];
  });
  if (datasets.length === 0) return 'Nothing was measured.';
  return {
    type: 'line',
    datasets,
    valueAxis: 'y',
    axes: {
      value: { min: 0, ...value },
      other: { title: 'seconds of the feed, warm-up included', format: 'seconds', type: 'linear' },
    },
  };
}

const binSeconds = (row: MeasuredRow): number => row.trial.window.binNs / NS_PER_SECOND;

export const connectionsOverTime: Chart = {
  id: 'connections-over-time',
  question: 'Did the connections hold?',
  caption: () => 'Client connections that were open at the end of each bin.',
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'connections', format: 'number' }, ({ trial }) => trial.gaugesPerBin.connections),
};

export const deliveriesOverTime: Chart = {
  id: 'deliveries-over-time',
  question: 'How evenly do messages arrive?',
  caption: () => 'Messages that became readable at clients, per second.',
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'deliveries per second', format: 'number' }, (row) =>
      row.trial.countersPerBin.deliveries?.map((count) => count / binSeconds(row)),
    ),
};

export const serverCpuOverTime: Chart = {
  id: 'server-cpu-over-time',
  question: 'How busy is the server?',
  caption: () => 'CPU of all server processes, Redis included; 100 % is one core.',
  build: ({ measured }) =>
    drawOverTime(measured, { title: 'server CPU', format: 'percent' }, (row) =>
      serverCpuNsPerBin(row.trial).map((cpuNs) => (100 * cpuNs) / row.trial.window.binNs),
    ),
};
