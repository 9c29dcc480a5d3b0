import type { Report } from '../report/report.ts';
import { isSuspect, type Marker, type MeasuredRow, settingLook } from '../report/rows.ts';

/** Names of the formatters in html/draw-charts.js. */
export type Format = 'number' | 'seconds' | 'milliseconds' | 'microseconds' | 'bytes' | 'percent' | 'percentile';

interface Axis {
  readonly title?: string;
  readonly format?: Format;
  readonly type?: 'linear' | 'logarithmic';
  readonly min?: number;
  readonly max?: number;
  /** Where ticks go, instead of wherever they fall. */
  readonly values?: readonly number[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Look {
  readonly colour: string;
  readonly light: boolean;
  readonly marker: Marker;
}

export interface LineDataset {
  readonly label: string;
  readonly data: readonly Point[];
  readonly look: Look;
  /** The trial is suspect. */
  readonly hollow: boolean;
  /** Between these x the line is solid; what lies outside is in no figure, or not supported, and is dashed. */
  readonly solid: { readonly from: number; readonly to: number };
  /** Where the line has a marker; everywhere, where this is missing. */
  readonly marks?: readonly number[];
}

export interface BarDataset {
  readonly label: string;
  readonly data: readonly (number | null)[];
  readonly colour: string;
  /** Which of the bars are of suspect trials. */
  readonly hollow: readonly boolean[];
}

/** What html/draw-charts.js makes a chart of: plain data. Lines stand over an x axis; bars lie, stacked. */
export type Drawing = LineDrawing | BarDrawing;

export interface LineDrawing {
  readonly type: 'line';
  readonly datasets: readonly LineDataset[];
  readonly value: Axis & { readonly format: Format };
  readonly along: Axis & { readonly format: Format; readonly title: string };
}

export interface BarDrawing {
  readonly type: 'bar';
  /** A bar each, in two or three short lines. */
  readonly labels: readonly (readonly string[])[];
  readonly datasets: readonly BarDataset[];
  readonly value: Axis & { readonly format: Format };
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

/** A row's look as a line: the transport has the colour, where it ran the shade and the marker, as in the tables. */
export function lookOf(row: MeasuredRow): Pick<LineDataset, 'label' | 'look' | 'hollow'> {
  return {
    label: `${row.label}${isSuspect(row) ? ' (suspect)' : ''}`,
    look: {
      colour: row.look.colour,
      ...settingLook(row.look.settingIndex),
    },
    hollow: isSuspect(row),
  };
}
