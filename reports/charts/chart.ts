import type { MeasuredRow, Report } from '../report.ts';
import { isSuspect } from '../report.ts';

/** Names of the formatters in page/draw-charts.js. */
type Format = 'number' | 'seconds' | 'milliseconds' | 'microseconds' | 'bytes' | 'percent' | 'percentile';

interface Axis {
  readonly title?: string;
  readonly format?: Format;
  readonly type?: 'linear' | 'logarithmic' | 'category';
  readonly min?: number;
  readonly max?: number;
  /** Where ticks go, instead of wherever they fall. */
  readonly values?: readonly number[];
}

export interface Dataset {
  readonly label: string;
  readonly data: readonly (number | null | { readonly x: number; readonly y: number })[];
  readonly look: { readonly colour: string; readonly light: boolean };
  /** The trial is suspect; for bars, which of them are. */
  readonly hollow?: boolean | readonly boolean[];
  /** From this x on a line is dashed. */
  readonly dashedBeyond?: number;
  readonly points?: boolean;
}

/** What page/draw-charts.js makes a chart of: plain data. */
export interface Drawing {
  readonly type: 'line' | 'bar';
  readonly labels?: readonly (string | readonly string[])[];
  readonly datasets: readonly Dataset[];
  readonly axes: { readonly value: Axis & { readonly format: Format }; readonly other: Axis };
  /** The axis of the values: bars that lie have it at the bottom. */
  readonly valueAxis: 'x' | 'y';
  readonly stacked?: boolean;
}

/** One chart answers one question. */
export interface Chart {
  readonly id: string;
  readonly question: string;
  /** What to see, and how it was made; a sentence or two. */
  readonly caption: (report: Report) => string;
  /** The drawing, or in words why there is none. */
  readonly build: (report: Report) => Drawing | string;
}

/** A row's look as a line. */
export function lookOf(row: MeasuredRow): Pick<Dataset, 'label' | 'look' | 'hollow'> {
  const { transportIndex, settingIndex } = row.look;
  return {
    label: `${row.label}${isSuspect(row) ? ' (suspect)' : ''}`,
    look: { colour: `series-${transportIndex % 5}`, light: settingIndex > 0 },
    hollow: isSuspect(row),
  };
}
