import { formatBytes, formatDuration, NS_PER_MS, NS_PER_US, significant } from '../../scenarios/units.ts';
import { html, type Markup } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import { percentileAt } from '../figures/statistics.ts';
import { distinct } from '../figures/wording.ts';
import type { BarDrawing, Drawing, Format, LineDataset, LineDrawing } from './chart.ts';

/** The numbers of a chart, for those who do not see it, or want to read them off. */
export function chartTable(drawing: Drawing): Markup {
  const content = drawing.type === 'bar' ? barTable(drawing) : lineTable(drawing);
  return html`<details><summary>The numbers of this chart</summary>${content}</details>`;
}

const FORMATS: Readonly<Record<Format, (value: number) => string>> = {
  number: significant,
  seconds: (value) => `${significant(value)} s`,
  milliseconds: (value) => formatDuration(value * NS_PER_MS),
  microseconds: (value) => formatDuration(value * NS_PER_US),
  bytes: formatBytes,
  percent: (value) => `${significant(value)} %`,
  percentile: (position) => `p${Number(percentileAt(position).toFixed(Math.max(0, Math.ceil(position) - 1)))}`,
};

function barTable({ labels, datasets, value }: BarDrawing): Markup {
  const columns = datasets.map(
    ({ label, data }): Column<number> => ({
      title: label,
      number: true,
      cell: (bar) => valueText(data[bar], FORMATS[value.format]),
    }),
  );
  const bars = labels.map((_, bar) => bar);
  return table(bars, [{ title: 'variant', cell: (bar) => labels[bar]?.join(', ') ?? '' }, ...columns]);
}

/** A line a row; a column for each x that has a marker. */
function lineTable({ datasets, value, along }: LineDrawing): Markup {
  const places = distinct(datasets.flatMap(({ data, marks }) => marks ?? data.map(({ x }) => x)));
  const columns = places
    .toSorted((a, b) => a - b)
    .map(
      (x): Column<LineDataset> => ({
        title: FORMATS[along.format](x),
        number: true,
        cell: ({ data }) => valueText(data.find((point) => point.x === x)?.y, FORMATS[value.format]),
      }),
    );
  return table(datasets, [{ title: along.title, cell: ({ label }) => label }, ...columns]);
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}
