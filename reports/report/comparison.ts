import { formatBytes, formatDuration, NS_PER_US, significant } from '../../scenarios/units.ts';
import { type Figure, isAvailable } from '../figures/figure.ts';
import { percentileFigure, supportingMessages } from '../figures/figures.ts';
import type { MeasuredRow } from './rows.ts';
import { isSupported } from '../figures/statistics.ts';

/** A number of the comparison, on the page and in the terminal. */
export interface ComparisonColumn {
  readonly title: string;
  /** For a terminal: two short lines, the second may be a unit, which `formatBrief` then leaves out. */
  readonly brief: readonly [string, string] | undefined;
  readonly figure: (row: MeasuredRow) => Figure;
  readonly format: (value: number) => string;
  readonly formatBrief: (value: number) => string;
  /** Where the figure is a percentile (0..100) of messages: only so many of them support it. */
  readonly percentile?: number;
}

/** Beside the median: the highest of these that the messages of every trial support, so that all rows have the same. */
const UPPER_PERCENTILES = [99, 95, 90, 75] as const;

/** The columns of a comparison of these rows. */
export function comparisonOf(rows: readonly MeasuredRow[]): readonly ComparisonColumn[] {
  const fewest = Math.min(...rows.map(({ trial }) => supportingMessages(trial)));
  const upper = UPPER_PERCENTILES.find((percentile) => isSupported(percentile, fewest)) ?? UPPER_PERCENTILES.at(-1);
  const [wire, ...others] = OTHER_COLUMNS;
  return [
    stalenessColumn(50),
    ...(upper === undefined ? [] : [stalenessColumn(upper)]),
    wire,
    // A message costs more where others are left out for it, and a client costs less.
    ...(rows.some(({ trial }) => trial.audit.leftOut > 0) ? [CLIENT_COLUMN] : []),
    ...others,
  ];
}

function stalenessColumn(percentile: number): ComparisonColumn {
  return {
    title: `staleness p${percentile}`,
    brief: ['staleness', `p${percentile}`],
    figure: ({ trial }) => percentileFigure(trial, 'staleness', percentile),
    format: formatDuration,
    formatBrief: formatDuration,
    percentile,
  };
}

const CLIENT_COLUMN: ComparisonColumn = {
  title: 'wire bytes per client and second',
  brief: ['wire B/s', 'and client'],
  figure: ({ figures }) => figures.wireBytesPerClientSecond,
  format: formatBytes,
  formatBrief: significant,
};

const OTHER_COLUMNS: readonly [ComparisonColumn, ...ComparisonColumn[]] = [
  {
    title: 'wire bytes per message',
    brief: ['wire', 'B/message'],
    figure: ({ figures }) => figures.wireBytesPerMessage.total,
    format: formatBytes,
    formatBrief: significant,
  },
  {
    title: 'connections',
    brief: ['connec-', 'tions'],
    figure: ({ figures }) => figures.connectionsPeak,
    format: wholeNumber,
    formatBrief: wholeNumber,
  },
  {
    title: 'deliveries per second',
    brief: undefined,
    figure: ({ figures }) => figures.deliveriesPerSecond,
    format: significant,
    formatBrief: significant,
  },
  {
    title: 'server CPU per message',
    brief: ['server CPU', 'µs/message'],
    figure: ({ figures }) => figures.serverCpuNsPerMessage,
    format: formatDuration,
    formatBrief: (cpuNs) => significant(cpuNs / NS_PER_US),
  },
];

/** Before a percentile that too few messages support. */
export const UNSUPPORTED_MARK = '≈';

export function isUnsupported({ percentile }: ComparisonColumn, row: MeasuredRow): boolean {
  return percentile !== undefined && !isSupported(percentile, supportingMessages(row.trial));
}

/** The cell in a terminal: `1.31 s`, `≈2.04 ms`, `n/a`. */
export function briefText(column: ComparisonColumn, row: MeasuredRow): string {
  const figure = column.figure(row);
  if (!isAvailable(figure)) return 'n/a';
  return `${isUnsupported(column, row) ? UNSUPPORTED_MARK : ''}${column.formatBrief(figure)}`;
}

function wholeNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}
