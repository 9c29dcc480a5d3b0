import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { derive, type Figure, isAvailable } from './figure.ts';
import { type Figures, latencyFigure, percentileFigure } from './figures.ts';
import { idleCosts } from './idle.ts';
import { shownAgeNs } from './shown.ts';

/** A figure by which trials are compared; of each, less is better. */
export interface ComparedMetric {
  readonly id: ComparedMetricId;
  readonly label: string;
  /** What it is an amount of: nanoseconds or bytes. */
  readonly quantity: 'time' | 'bytes';
  /** For a terminal: two short lines. */
  readonly brief: readonly [string, string];
  /** In 0..100, where the figure is a percentile of messages: only so many of them support it. */
  readonly percentile?: number;
  /** It counts from when a message was due; of a tab that is hidden at times, without that time. */
  readonly isAge?: true;
  /** It hardly differs between trials of one thing: one each suffices to compare them. */
  readonly isSteady?: boolean;
  readonly of: (trial: MeasuredTrial, figures: Figures) => Figure;
  readonly format: (value: number) => string;
}

export type ComparedMetricId =
  | `staleness.p${'50' | '75' | '90' | '95' | '99'}`
  | 'staleness.mean'
  | 'staleness.max'
  | `acknowledgement.p${'50' | '99'}`
  | 'toFirst.p50'
  | 'gap.p99'
  | 'age.mean'
  | 'bytes.wire'
  | 'bytes.client'
  | 'cpu.server'
  | 'memory.server'
  | 'bytes.idle'
  | 'cpu.idle'
  | 'memory.idle';

/** Every one of them, by the name under which assertions and the history of a machine know it. */
export const COMPARED: Readonly<Record<ComparedMetricId, ComparedMetric>> = {
  'staleness.p50': percentileMetric(50),
  'staleness.p75': percentileMetric(75),
  'staleness.p90': percentileMetric(90),
  'staleness.p95': percentileMetric(95),
  'staleness.p99': percentileMetric(99),
  'staleness.mean': {
    id: 'staleness.mean',
    label: 'staleness mean',
    quantity: 'time',
    isAge: true,
    brief: ['staleness', 'mean'],
    of: (_trial, { staleness }) => latencyFigure(staleness, 'meanNs'),
    format: formatDuration,
  },
  'staleness.max': {
    id: 'staleness.max',
    label: 'staleness maximum',
    quantity: 'time',
    isAge: true,
    brief: ['staleness', 'max'],
    of: (_trial, { staleness }) => latencyFigure(staleness, 'maxNs'),
    format: formatDuration,
  },
  'toFirst.p50': {
    id: 'toFirst.p50',
    label: 'time to the first of a stream p50',
    quantity: 'time',
    brief: ['to the first', 'p50'],
    of: (trial) => percentileFigure(trial, 'toFirst', 50),
    format: formatDuration,
  },
  'gap.p99': {
    id: 'gap.p99',
    label: 'gap in a stream p99',
    quantity: 'time',
    brief: ['gap', 'p99'],
    percentile: 99,
    of: (trial) => percentileFigure(trial, 'gap', 99),
    format: formatDuration,
  },
  'age.mean': {
    id: 'age.mean',
    label: 'age of what is shown, mean',
    quantity: 'time',
    brief: ['age shown,', 'mean'],
    of: (trial) => shownAgeNs(trial),
    format: formatDuration,
  },
  'acknowledgement.p50': acknowledgementMetric(50),
  'acknowledgement.p99': acknowledgementMetric(99),
  'bytes.wire': {
    id: 'bytes.wire',
    label: 'wire bytes per message',
    quantity: 'bytes',
    isSteady: true,
    brief: ['wire,', 'a message'],
    of: (_trial, { wireBytesPerMessage }) => wireBytesPerMessage.total,
    format: formatBytes,
  },
  'bytes.client': {
    id: 'bytes.client',
    label: 'wire bytes per client and second',
    quantity: 'bytes',
    isSteady: true,
    brief: ['wire, a', 'client s'],
    of: (_trial, { wireBytesPerClientSecond }) => wireBytesPerClientSecond,
    format: formatBytes,
  },
  'cpu.server': {
    id: 'cpu.server',
    label: 'server CPU per message',
    quantity: 'time',
    brief: ['server CPU,', 'a message'],
    of: (_trial, { serverCpuNsPerMessage }) => serverCpuNsPerMessage,
    format: formatDuration,
  },
  'memory.server': {
    id: 'memory.server',
    label: 'server memory',
    quantity: 'bytes',
    brief: ['server', 'memory'],
    of: (_trial, { rssMaxBytes }) =>
      derive([rssMaxBytes.node, isAvailable(rssMaxBytes.redis) ? rssMaxBytes.redis : 0], (node, redis) => node + redis),
    format: formatBytes,
  },
  'bytes.idle': {
    id: 'bytes.idle',
    label: 'wire bytes per idle connection and minute, at the usual heartbeat',
    quantity: 'bytes',
    isSteady: true,
    brief: ['wire, a', 'minute idle'],
    of: (trial, figures) => idleCosts(trial, figures).usualWireBytes,
    format: formatBytes,
  },
  'cpu.idle': {
    id: 'cpu.idle',
    label: 'server CPU per idle connection and minute, at the usual heartbeat',
    quantity: 'time',
    brief: ['server CPU,', 'a minute'],
    of: (trial, figures) => idleCosts(trial, figures).usualServerCpuNs,
    format: formatDuration,
  },
  'memory.idle': {
    id: 'memory.idle',
    label: 'node memory per idle connection',
    quantity: 'bytes',
    brief: ['node memory,', 'a connection'],
    of: (trial, figures) => idleCosts(trial, figures).userBytes,
    format: formatBytes,
  },
};

function percentileMetric(percentile: 50 | 75 | 90 | 95 | 99): ComparedMetric {
  return {
    id: `staleness.p${percentile}`,
    label: `staleness p${percentile}`,
    quantity: 'time',
    isAge: true,
    brief: ['staleness', `p${percentile}`],
    percentile,
    of: (trial) => percentileFigure(trial, 'staleness', percentile),
    format: formatDuration,
  };
}

/** Of messages that clients say: until they know that it is in the log. */
function acknowledgementMetric(percentile: 50 | 99): ComparedMetric {
  return {
    id: `acknowledgement.p${percentile}`,
    label: `acknowledgement p${percentile}`,
    quantity: 'time',
    brief: ['known to be', `said, p${percentile}`],
    percentile,
    of: (trial) => percentileFigure(trial, 'acknowledgement', percentile),
    format: formatDuration,
  };
}
