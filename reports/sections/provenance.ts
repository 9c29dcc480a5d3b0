import { dimension, DIMENSION_IDS, valueText } from '../../scenarios/dimensions.ts';
import { formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { countedEndInWords } from '../../scenarios/session-end.ts';
import { html, type Markup } from '../html/html.ts';
import type { Report } from '../report/report.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { type Column, table } from '../html/table.ts';
import { distinct, listOf } from '../figures/wording.ts';
import { rowName, section, type Section } from './section.ts';

/** What was left out of the figures, how to make them again, and on what machine they were made. */
export const provenance: Section = (report) =>
  html`${warmUp(report)}${remarks(report)}${section('How to run it again', again(report))}${section('Where it ran', environment(report))}`;

const WARM_UP_COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'variant', cell: rowName },
  { title: 'excluded', number: true, cell: ({ trial }) => formatDuration(trial.window.excludedNs) },
  { title: 'why', cell: ({ trial }) => trial.window.warmUp },
  {
    title: 'measured',
    number: true,
    cell: ({ trial }) => formatDuration((trial.window.endBin - trial.window.firstBin) * trial.window.binNs),
  },
  { title: 'connecting took', number: true, cell: ({ trial }) => formatDuration(trial.ramp.durationNs) },
  { title: 'one-way delay d', number: true, cell: ({ trial }) => formatDuration(trial.oneWayDelayNs) },
];

function warmUp({ measured }: Report): Markup | undefined {
  return measured.length === 0
    ? undefined
    : section('What was left out of the window?', table(measured, WARM_UP_COLUMNS));
}

function remarks({ measured }: Report): Markup | undefined {
  const items = measured.flatMap(({ label, trial }) =>
    [...trial.sessionEnds.map(countedEndInWords), ...trial.remarks].map((remark) => html`<li>${label}: ${remark}</li>`),
  );
  return items.length === 0 ? undefined : section('Remarks', html`<ul>${items}</ul>`);
}

function again({ result }: Report): Markup {
  return html`<dl>
<dt>command</dt><dd><code>${result.command}</code></dd>
<dt>seed</dt><dd>${result.seed}</dd>
${valuesOf(result.trials)}<dt>schedule (SHA-256)</dt><dd><code>${result.manifest.scheduleHash}</code></dd>
<dt>report from the data</dt><dd><code>./feedbench report …/${result.id}/result.json</code></dd>
</dl>`;
}

/** Of each dimension, what was measured: also what is usual, and goes without saying in the names of variants. */
function valuesOf(trials: Report['result']['trials']): Markup[] {
  return DIMENSION_IDS.flatMap((id) => {
    const values = distinct(trials.flatMap(({ variant }) => variant.values[id] ?? []));
    const texts = values.map((value) => valueText(id, value));
    return texts.length === 0 ? [] : [html`<dt>${dimension(id).label}</dt><dd>${listOf(texts)}</dd>\n`];
  });
}

function environment({ result }: Report): Markup {
  const entries = Object.entries(result.environment).map(
    ([name, value]) => html`<dt>${wordsOf(name)}</dt><dd>${factText(name, value)}</dd>`,
  );
  return html`<dl>${entries}</dl>`;
}

function factText(name: string, value: Report['result']['environment'][string]): string {
  if (value === null) return 'not known';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  return name.endsWith('Bytes') ? formatBytes(value) : significant(value);
}

/** `loadAverageBefore` to `load average before`, and the unit goes to the value; names with dots are the kernel's own. */
function wordsOf(name: string): string {
  if (name.includes('.')) return name;
  return name.replace(/Bytes$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
