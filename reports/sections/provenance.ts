import { type MetricId, METRICS } from '../../scenarios/metrics.ts';
import { sourceOf } from '../../scenarios/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { html, type Markup } from '../page/html.ts';
import type { MeasuredRow, Report } from '../report.ts';
import { distinct } from '../wording.ts';
import { type Column, rowName, section, type Section, table } from './section.ts';

/** Where figures come from, what was left out of them, how to make them again, and on what machine they were made. */
export const provenance: Section = (report) =>
  html`${section('Where do the byte figures come from?', sources(report))}${warmUp(report)}${remarks(report)}${section('How to run it again', again(report))}${section('Where it ran', environment(report))}`;

const BYTE_METRICS: readonly MetricId[] = [
  'payloadBytes',
  'transportBytesDown',
  'transportBytesUp',
  'wireBytesDown',
  'wireBytesUp',
  'backplaneBytes',
];

function sources({ measured }: Report): Markup {
  const entries = BYTE_METRICS.map((id) => {
    const texts = distinct(measured.map(({ trial }) => sourceText(trial, id)));
    return html`<dt>${METRICS[id].label}</dt><dd>${texts.join('; or ')}</dd>`;
  });
  return html`<dl>${entries}</dl>`;
}

function sourceText(trial: MeasuredRow['trial'], id: MetricId): string {
  const source = sourceOf(trial, id);
  return source.kind === 'measured' ? source.from : `n/a: ${source.reason}`;
}

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
    trial.remarks.map((remark) => html`<li>${label}: ${remark}</li>`),
  );
  return items.length === 0 ? undefined : section('Remarks', html`<ul>${items}</ul>`);
}

function again({ result }: Report): Markup {
  return html`<dl>
<dt>command</dt><dd><code>${result.command}</code></dd>
<dt>seed</dt><dd>${result.seed}</dd>
<dt>headers of clients</dt><dd>${result.headers}</dd>
<dt>schedule (SHA-256)</dt><dd><code>${result.manifest.scheduleHash}</code></dd>
<dt>report from the data</dt><dd><code>feedbench report ${result.id}/result.json</code></dd>
</dl>`;
}

function environment({ result }: Report): Markup {
  const entries = Object.entries(result.environment).map(
    ([name, value]) => html`<dt>${wordsOf(name)}</dt><dd>${value === null ? 'not known' : String(value)}</dd>`,
  );
  return html`<dl>${entries}</dl>`;
}

/** `loadAverageBefore` to `load average before`; names with dots are the kernel's own. */
function wordsOf(name: string): string {
  return name.includes('.') ? name : name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
