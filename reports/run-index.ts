import type { Result } from '../scenarios/result/result.ts';
import { renderDocument } from './html/document.ts';
import { html, type Markup } from './html/html.ts';
import { auditVerdict } from './report/problems.ts';
import { buildReport, type Report } from './report/report.ts';
import { isSuspect, measuredOf } from './report/rows.ts';
import { type Column, table } from './html/table.ts';
import { countOf, distinct, listOf, momentText } from './figures/wording.ts';

interface ReadableRun {
  readonly state: 'readable';
  readonly folder: string;
  readonly result: Result;
}

interface UnreadableRun {
  readonly state: 'unreadable';
  readonly folder: string;
  readonly reason: string;
}

interface CeilingRun {
  readonly state: 'ceiling';
  /** Its name begins with its date. */
  readonly folder: string;
}

export type ListedRun = ReadableRun | CeilingRun | UnreadableRun;

/** The page that lists all runs, in the order given. */
export function renderRunIndex(runs: readonly ListedRun[]): string {
  const readable = runs.filter((run) => run.state === 'readable');
  const listed = readable.map(({ folder, result }): Line => ({ folder, report: buildReport(result) }));
  const body = html`<header><h1>feedbench runs</h1>
<p>${countOf(readable.length, 'run')}, the newest first</p></header>
<section>${readable.length > 0 ? table(listed, COLUMNS) : html`<p>There is no run yet.</p>`}</section>
${ceilingSection(runs.filter((run) => run.state === 'ceiling'))}${unreadableSection(runs.filter((run) => run.state === 'unreadable'))}`;
  return renderDocument({ title: 'feedbench runs', body, scripts: [] });
}

interface Line {
  readonly folder: string;
  readonly report: Report;
}

const COLUMNS: readonly Column<Line>[] = [
  {
    title: 'run',
    cell: ({ folder, report }) =>
      html`<a href="${encodeURIComponent(folder)}/index.html">${report.result.workload.name}</a>`,
  },
  { title: 'started', cell: ({ report }) => momentText(report.result.startedAt) },
  { title: 'transports', cell: ({ report }) => listOf(distinct(report.rows.map(({ lines }) => lines[0] ?? ''))) },
  { title: 'on', cell: ({ report }) => listOf(distinct(report.rows.map(({ lines }) => lines[1] ?? ''))) },
  { title: 'clients', number: true, cell: ({ report }) => report.result.workload.clients.toLocaleString('en-US') },
  { title: 'generators', cell: ({ report }) => generatorsText(report) },
  { title: 'trials', number: true, cell: ({ report }) => trialsText(report) },
  { title: 'audit', cell: ({ report }) => auditCell(report) },
];

function generatorsText({ result, all }: Report): string {
  return listOf(distinct(all.map(({ trial }) => result.generators[trial.generator]?.label ?? trial.generator)));
}

function trialsText({ result, all }: Report): string {
  const measured = measuredOf(all);
  const parts = [
    result.partial ? `${all.length} of ${result.plannedTrials}, partial` : String(all.length),
    countText(all.length - measured.length, 'failed'),
    countText(measured.filter(isSuspect).length, 'suspect'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function countText(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}`;
}

function auditCell({ all }: Report): Markup | string {
  const verdict = auditVerdict(all);
  return verdict === 'ok' ? verdict : html`<span class="bad">${verdict}</span>`;
}

function ceilingSection(runs: readonly CeilingRun[]): Markup | undefined {
  if (runs.length === 0) return undefined;
  const items = runs.map(
    ({ folder }) => html`<li><a href="${encodeURIComponent(folder)}/index.html">${folder}</a></li>`,
  );
  return html`<section><h2>Ceilings of the polling door</h2><ul>${items}</ul></section>`;
}

function unreadableSection(runs: readonly UnreadableRun[]): Markup | undefined {
  if (runs.length === 0) return undefined;
  const items = runs.map(({ folder, reason }) => html`<dt>${folder}</dt><dd>${reason}</dd>`);
  return html`<section><h2>Folders that could not be read</h2><dl>${items}</dl></section>`;
}
