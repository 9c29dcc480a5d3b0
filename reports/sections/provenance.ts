import { dimension, DIMENSION_IDS, valueOf, valueText } from '../../scenarios/dimensions.ts';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { windowNs } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { countedEndInWords } from '../../scenarios/session-end.ts';
import { html, type Markup } from '../html/html.ts';
import type { Place } from '../html/place.ts';
import type { Report } from '../report/report.ts';
import { factName, factText } from '../report/facts.ts';
import { type MeasuredRow, measuredOf } from '../report/rows.ts';
import { type Column, table } from '../html/table.ts';
import { countOf, distinct, listOf } from '../figures/wording.ts';
import { rowName, section, type Section, variantKeyOf } from './section.ts';

/** What was left out of the figures, how to make them again, and on what machine they were made. */
export const provenance: Section = (report, place = {}) =>
  html`${section('Run it again', again(report, place))}${warmUp(report)}${remarks(report)}${section('Where it ran', environment(report))}`;

const WARM_UP_COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'trial', cell: rowName },
  { title: 'excluded', number: true, cell: ({ trial }) => formatDuration(trial.window.excludedNs) },
  { title: 'why', cell: ({ trial }) => trial.window.warmUp },
  { title: 'measured', number: true, cell: ({ trial }) => formatDuration(windowNs(trial)) },
  { title: 'connecting took', number: true, cell: ({ trial }) => formatDuration(trial.ramp.durationNs) },
  { title: 'one-way delay d', number: true, cell: ({ trial }) => formatDuration(trial.oneWayDelayNs) },
];

function warmUp({ rows }: Report): Markup | undefined {
  const measured = measuredOf(rows);
  if (measured.length === 0) return undefined;
  const span = (of: (row: MeasuredRow) => number): string => {
    const values = measured.map(of);
    return distinct([Math.min(...values), Math.max(...values)].map(formatDuration)).join(' to ');
  };
  const text = `The first ${span(({ trial }) => trial.window.excludedNs)} of the feed, until delivery was steady; measured were ${span(({ trial }) => windowNs(trial))}. Connecting took ${span(({ trial }) => trial.ramp.durationNs)}, before.`;
  return section(
    'What was left out of the window?',
    html`<p>${text}</p><details><summary>Trial by trial</summary>${table(measured, WARM_UP_COLUMNS, variantKeyOf)}</details>`,
  );
}

/** What was said of several trials stands once. */
function remarks({ rows }: Report): Markup | undefined {
  const said = measuredOf(rows).flatMap(({ label, trial }) =>
    [...trial.sessionEnds.map(countedEndInWords), ...trial.remarks].map((text) => ({ label, text })),
  );
  if (said.length === 0) return undefined;
  const items = [...Map.groupBy(said, ({ text }) => text)].map(
    ([text, own]) => html`<li>${whoseText(own.map(({ label }) => label))}: ${text}</li>`,
  );
  return section('Remarks', html`<ul class="words">${items}</ul>`);
}

const MOST_NAMES = 2;

function whoseText(labels: readonly string[]): string {
  return labels.length > MOST_NAMES ? `In ${countOf(labels.length, 'trial')}` : labels.join('; ');
}

function again({ result }: Report, place: Place): Markup {
  const { id, command, seed, manifest, trials } = result;
  return html`<div class="command"><code id="command">${command}</code><button type="button" data-copy="command" data-scripted hidden>Copy</button></div>
<dl>
${dataOf(place)}<dt>rules</dt><dd>${methodology(place)}: what each number is, and when not to believe it</dd>
<dt>this page from the data</dt><dd><code>${INSTALLATION.command} report ${place.resultFromHome ?? `…/${id}/result.json`}</code></dd>
<dt>seed</dt><dd>${seed}</dd>
${valuesOf(trials)}<dt>schedule (SHA-256)</dt><dd><code>${manifest.scheduleHash}</code></dd>
</dl>`;
}

function dataOf({ result, summary }: Place): Markup | undefined {
  const links = [
    ...(result === undefined ? [] : [html`<a href="${result}">${result}</a> (every trial, every histogram)`]),
    ...(summary === undefined
      ? []
      : [html`<a href="${summary}">${summary}</a> (every figure of this page, unrounded)`]),
  ];
  if (links.length === 0) return undefined;
  return html`<dt>data</dt><dd>${links.map((link, index) => html`${index > 0 ? ', ' : ''}${link}`)}</dd>
`;
}

/** A page that was sent to somebody lies beside no checkout. */
function methodology({ methodology: link }: Place): Markup {
  return link === undefined ? html`METHODOLOGY.md in feedbench’s folder` : html`<a href="${link}">METHODOLOGY.md</a>`;
}

/**
 * Of each dimension, what was measured: also what is usual, and goes without saying in the names of variants. Where nothing else than
 * usual lies on the path to the nodes, nothing does.
 */
function valuesOf(trials: Report['result']['trials']): Markup[] {
  return DIMENSION_IDS.flatMap((id) => {
    if (dimension(id).of === 'path' && trials.every(({ variant }) => variant.values[id] === undefined)) return [];
    const values = distinct(trials.flatMap(({ variant }) => valueOf(id, variant.values) ?? []));
    const texts = values.map((value) => valueText(id, value));
    return texts.length === 0 ? [] : [html`<dt>${dimension(id).label}</dt><dd>${listOf(texts)}</dd>\n`];
  });
}

function environment({ result }: Report): Markup {
  const entries = Object.entries(result.environment).map(
    ([name, value]) => html`<dt>${factName(name)}</dt><dd>${factText(name, value)}</dd>`,
  );
  return html`<dl>${entries}</dl>`;
}
