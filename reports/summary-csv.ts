import { looksAway } from '../scenarios/asking/rhythm.ts';
import type { Histogram } from '../scenarios/measures/histogram.ts';
import {
  METRIC_IDS,
  METRICS,
  type CounterId,
  type GaugeId,
  type HistogramId,
  type MetricId,
} from '../scenarios/measures/metrics.ts';
import { ROLES } from '../scenarios/process-roles.ts';
import { DIMENSION_IDS, valueOf } from '../scenarios/dimensions.ts';
import { nodesOf } from '../scenarios/variant.ts';
import { AUDIT_COUNT_IDS, AUDIT_COUNTS, auditFaults } from '../scenarios/result/audit-counts.ts';
import type { Episode } from '../scenarios/result/disruption.ts';
import { type Result, type Trial, windowNs } from '../scenarios/result/result.ts';
import { COMPARED } from './figures/compared.ts';
import { derive, type Figure, isAvailable, sum } from './figures/figure.ts';
import { counterTotal, foreignShare, gauge, histogramOf } from './figures/figures.ts';
import { type IdleCosts, idleCosts } from './figures/idle.ts';
import { REASON_CODES, reasonsWith, reasonText } from './figures/verdict.ts';
import { auditFigure } from './report/audit-words.ts';
import type { Report } from './report/report.ts';
import { hasFaults, isSuspect, type MeasuredRow, type Row } from './report/rows.ts';

/** Those that had no column of their own from the start. */
const APPENDED = DIMENSION_IDS.filter((id) => id !== 'nodes');

/** Notebooks and CI read the first nine by position. What came later is read by its name: a new dimension moves what is behind it. */
const COLUMNS = [
  'scenario',
  'transport',
  'backplane',
  'nodes',
  'clients',
  'trial',
  'metric',
  'unit',
  'value',
  'generator',
  'note',
  ...APPENDED.map(snakeCase),
  // In a campaign `trial` is the number of its block. The second of the two as which its control was measured:
  'copy',
  // 2 where it was measured again.
  'attempt',
  // 1 where the trial stands in a comparison: the geometric mean of these is what the report shows of a variant.
  'counts',
];

interface CsvMetric {
  readonly metric: string;
  readonly unit: string;
  readonly of: (row: MeasuredRow) => Figure;
  /** What a reader must know of the value; of one that is missing the note says why. */
  readonly note?: (row: MeasuredRow) => string;
}

/**
 * One row a trial and metric, over the measured window; `n/a` where there is no value, so that it is never taken for 0.
 * Quoted as in RFC 4180; lines end in LF, which its readers take too and line tools need.
 */
export function renderSummaryCsv({ result, all, groups }: Report): string {
  const compared = new Set<Row>(groups.flatMap(({ counting }) => counting));
  const lines = all.flatMap((row) => {
    const { trial } = row;
    const flags = [trial.copy, trial.attempt, compared.has(row)].map(Number);
    return valuesOf(row).map((value) => [...csvLine(result, trial, value), ...flags]);
  });
  return [COLUMNS, ...lines].map((fields) => `${fields.map(csvField).join(',')}\n`).join('');
}

interface Value {
  readonly metric: string;
  readonly unit: string;
  readonly value: Figure;
  readonly note: string;
}

function valuesOf(row: Row): Value[] {
  if (row.state === 'failed')
    return [
      { metric: 'failed', unit: 'flag', value: 1, note: row.trial.message },
      ...METRIC_ROWS.map(({ metric, unit }) => ({ metric, unit, value: { reason: row.trial.message }, note: '' })),
    ];
  return [
    { metric: 'failed', unit: 'flag', value: 0, note: '' },
    ...METRIC_ROWS.map(({ metric, unit, of, note }) => {
      const value = of(row);
      return { metric, unit, value, note: isAvailable(value) ? (note?.(row) ?? '') : value.reason };
    }),
  ];
}

function csvLine(
  { workload, transports }: Result,
  trial: Trial,
  { metric, unit, value, note }: Value,
): (string | number)[] {
  const { variant, clients, trial: repetition, generator } = trial;
  const valueText = isAvailable(value) ? numberText(value) : 'n/a';
  const nodes = transports[variant.transport]?.outside === true ? 'n/a' : nodesOf(variant);
  const place = [workload.name, variant.transport, variant.backplane, nodes, clients, repetition];
  const appended = APPENDED.map((id) => valueOf(id, variant.values) ?? 'n/a');
  return [...place, metric, unit, valueText, generator, note, ...appended];
}

export function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(0) : String(Number(value.toPrecision(9)));
}

const SUMMARIES = {
  mean: (histogram: Histogram) => histogram.meanNs,
  p50: (histogram: Histogram) => histogram.percentileNs(50),
  p75: (histogram: Histogram) => histogram.percentileNs(75),
  p90: (histogram: Histogram) => histogram.percentileNs(90),
  p95: (histogram: Histogram) => histogram.percentileNs(95),
  p99: (histogram: Histogram) => histogram.percentileNs(99),
  max: (histogram: Histogram) => histogram.maxNs,
} as const;

function rawMetric(id: MetricId): CsvMetric[] {
  const { kind, unit } = METRICS[id];
  const name = snakeCase(id);
  switch (kind) {
    case 'histogram':
      return [
        { metric: `${name}_count`, unit: 'samples', of: ({ trial }) => histogramCount(trial, id as HistogramId) },
        ...Object.entries(SUMMARIES).map(
          ([part, summarise]): CsvMetric => ({
            metric: `${name}_${part}`,
            unit,
            note: ({ trial: { variant } }) => (looksAway(variant.values) ? 'while its tab was shown' : ''),
            of: ({ trial }) => {
              const histogram = histogramOf(trial, id as HistogramId);
              return 'reason' in histogram ? histogram : summarise(histogram);
            },
          }),
        ),
      ];
    case 'counter':
      return [{ metric: name, unit, of: ({ trial }) => counterTotal(trial, id as CounterId) }];
    case 'gauge':
      return [
        {
          metric: name,
          unit,
          of: ({ trial }) => gauge(trial, id as GaugeId, (levels) => sum(levels) / levels.length),
        },
      ];
    default:
      return kind satisfies never;
  }
}

function histogramCount(trial: MeasuredRow['trial'], id: HistogramId): Figure {
  const histogram = histogramOf(trial, id);
  return 'reason' in histogram ? histogram : histogram.count;
}

/** For each connection on which nothing is said. */
const IDLE: readonly (readonly [metric: string, unit: string, of: (costs: IdleCosts) => Figure])[] = [
  ['idle_wire_bytes_per_minute', 'bytes', ({ wireBytes }) => wireBytes],
  ['idle_server_cpu_per_minute', 'us', ({ serverCpuNs }) => microseconds(serverCpuNs)],
  ['idle_wire_bytes_per_minute_usual', 'bytes', ({ usualWireBytes }) => usualWireBytes],
  ['idle_server_cpu_per_minute_usual', 'us', ({ usualServerCpuNs }) => microseconds(usualServerCpuNs)],
  ['idle_node_memory', 'bytes', ({ userBytes }) => userBytes],
  ['idle_node_objects', 'bytes', ({ objectBytes }) => objectBytes],
  ['idle_node_memory_most', 'bytes', ({ mostUserBytes }) => mostUserBytes],
  ['idle_kernel_memory', 'bytes', ({ kernelBytes }) => kernelBytes],
];

const DERIVED: readonly CsvMetric[] = [
  { metric: 'payload_bytes_per_message', unit: 'bytes', of: ({ figures }) => figures.payloadBytesPerMessage },
  { metric: 'transport_bytes_per_message', unit: 'bytes', of: ({ figures }) => figures.transportBytesPerMessage.total },
  { metric: 'wire_bytes_per_message', unit: 'bytes', of: ({ figures }) => figures.wireBytesPerMessage.total },
  { metric: 'wire_bytes_down_per_message', unit: 'bytes', of: ({ figures }) => figures.wireBytesPerMessage.down },
  { metric: 'wire_bytes_up_per_message', unit: 'bytes', of: ({ figures }) => figures.wireBytesPerMessage.up },
  { metric: 'wire_bytes_per_client_second', unit: 'bytes/s', of: ({ figures }) => figures.wireBytesPerClientSecond },
  {
    metric: 'origin_reads_per_node_second',
    unit: 'reads/s',
    of: ({ figures }) => figures.originReadsPerNodeSecond,
  },
  { metric: 'backplane_bytes_per_published', unit: 'bytes', of: ({ figures }) => figures.backplaneBytesPerPublished },
  { metric: 'balancer_bytes_per_message', unit: 'bytes', of: ({ figures }) => figures.balancerBytesPerMessage },
  {
    metric: 'balancer_connections_per_answer',
    unit: 'connections',
    of: ({ figures }) => figures.balancerConnectionsPerAnswer,
  },
  { metric: 'connections_peak', unit: 'connections', of: ({ figures }) => figures.connectionsPeak },
  { metric: 'deliveries_per_second', unit: 'messages/s', of: ({ figures }) => figures.deliveriesPerSecond },
  { metric: 'empty_share', unit: 'ratio', of: ({ figures }) => figures.emptyShare },
  { metric: 'server_cpu_per_message', unit: 'us', of: ({ figures }) => microseconds(figures.serverCpuNsPerMessage) },
  {
    metric: 'generator_cpu_per_message',
    unit: 'us',
    of: ({ figures }) => microseconds(figures.generatorCpuNsPerMessage),
  },
  { metric: 'generator_cpu', unit: 'cores', of: ({ figures }) => figures.generatorCores },
  { metric: 'foreign_load', unit: 'ratio', of: ({ trial }) => foreignShare(trial) },
  ...ROLES.map((role): CsvMetric => ({ metric: `cpu_${role}`, unit: 'ns', of: ({ figures }) => figures.cpuNs[role] })),
  ...ROLES.map(
    (role): CsvMetric => ({ metric: `wait_${role}`, unit: 'ns', of: ({ figures }) => figures.waitNs[role] }),
  ),
  ...ROLES.map(
    (role): CsvMetric => ({
      metric: `rss_max_${role}`,
      unit: 'bytes',
      of: ({ figures }) => figures.rssMaxBytes[role],
    }),
  ),
  {
    metric: 'server_memory',
    unit: 'bytes',
    of: ({ trial, figures }) => COMPARED['memory.server'].of(trial, figures),
  },
  ...IDLE.map(
    ([metric, unit, of]): CsvMetric => ({ metric, unit, of: ({ trial, figures }) => of(idleCosts(trial, figures)) }),
  ),
  ...AUDIT_COUNT_IDS.map(
    (id): CsvMetric => ({
      metric: `audit_${snakeCase(id)}`,
      unit: AUDIT_COUNTS[id].unit,
      of: ({ trial }) => auditFigure(trial.audit, id),
    }),
  ),
  { metric: 'audit_faults', unit: 'messages', of: ({ trial }) => auditFaults(trial.audit) },
  { metric: 'due_in_window', unit: 'messages', of: ({ trial }) => trial.dueInWindow },
  { metric: 'window', unit: 'ns', of: ({ trial }) => windowNs(trial) },
  { metric: 'warm_up_excluded', unit: 'ns', of: ({ trial }) => trial.window.excludedNs },
  { metric: 'one_way_delay', unit: 'ns', of: ({ trial }) => trial.oneWayDelayNs },
  { metric: 'ramp', unit: 'ns', of: ({ trial }) => trial.ramp.durationNs },
  { metric: 'ramp_wire_bytes', unit: 'bytes', of: ({ trial }) => trial.ramp.wireBytes ?? NO_WIRE },
  { metric: 'ramp_server_cpu', unit: 'ns', of: ({ trial }) => rampCpuNs(trial) },
  { metric: 'audit_failed', unit: 'flag', of: (row) => Number(hasFaults(row)) },
  { metric: 'suspect', unit: 'flag', of: (row) => Number(isSuspect(row)) },
  ...REASON_CODES.map(
    (code): CsvMetric => ({
      metric: `suspect_${code.replaceAll('-', '_')}`,
      unit: 'flag',
      of: ({ verdict }) => Number(reasonsWith(verdict, code).length > 0),
      note: ({ verdict }) => reasonsWith(verdict, code).map(reasonText).join('; '),
    }),
  ),
  ...disruptionMetrics(),
  { metric: 'partial', unit: 'flag', of: ({ trial }) => Number(trial.partial) },
];

/** Of all faults of a trial together: what counts is summed, and of times the longest stands here. */
function disruptionMetrics(): CsvMetric[] {
  const shares = [50, 95, 99, 100].flatMap((percent): [string, (episode: Episode) => number | null][] => [
    [`connected_${percent}`, ({ connectedNs }) => connectedNs[percent] ?? null],
    [`caught_up_${percent}`, ({ caughtUpNs }) => caughtUpNs[percent] ?? null],
  ]);
  return [
    disruptionMetric('dropped', 'connections', (episodes) => sum(episodes.map(({ dropped }) => dropped))),
    disruptionMetric('never_back', 'connections', (episodes) => sum(episodes.map(({ neverBack }) => neverBack))),
    disruptionMetric('tries', 'connections', (episodes) => sum(episodes.map(({ tries }) => tries))),
    ...shares.map(([name, of]) =>
      disruptionMetric(name, 'ns', (episodes) => longest(episodes.filter(({ dropped }) => dropped > 0).map(of))),
    ),
    disruptionMetric('most_connects', 'connections/s', (episodes) =>
      Math.max(...episodes.map(({ mostConnectsPerSecond }) => mostConnectsPerSecond)),
    ),
    disruptionMetric('oldest_missed', 'ns', (episodes) => {
      const ages = episodes.flatMap(({ oldestMissedNs }) => oldestMissedNs ?? []);
      return ages.length === 0 ? { reason: 'nobody who came back had missed anything' } : Math.max(...ages);
    }),
  ];
}

function disruptionMetric(name: string, unit: string, of: (episodes: readonly Episode[]) => Figure): CsvMetric {
  return {
    metric: `disruption_${name}`,
    unit,
    of: ({ trial: { disruption } }) =>
      disruption === null ? { reason: 'nothing was made to happen to the servers' } : of(disruption.episodes),
  };
}

function longest(times: readonly (number | null)[]): Figure {
  if (times.length === 0) return { reason: 'nobody was dropped' };
  return times.includes(null) ? { reason: 'it never came to that' } : Math.max(...times.map(Number));
}

function rampCpuNs({ ramp, unwatched }: MeasuredRow['trial']): Figure {
  return ramp.serverCpuNs ?? { reason: unwatched?.node ?? 'nobody saw what connecting cost the server' };
}

const NO_WIRE: Figure = { reason: 'there was no wire of its own to count on' };

const METRIC_ROWS: readonly CsvMetric[] = [...METRIC_IDS.flatMap(rawMetric), ...DERIVED];

function microseconds(durationNs: Figure): Figure {
  return derive([durationNs], (value) => value / 1e3);
}

function snakeCase(id: string): string {
  return id.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
