import type { Result } from '../scenarios/result.ts';
import { html, type Markup } from './page/html.ts';
import { renderDocument } from './page/document.ts';
import { auditVerdict } from './problems.ts';
import { buildReport } from './report.ts';
import { countOf, distinct, listOf, momentText } from './wording.ts';

export type ListedRun =
  | { readonly state: 'readable'; readonly folder: string; readonly result: Result }
  | { readonly state: 'unreadable'; readonly folder: string; readonly reason: string };

/** The page that lists all runs, in the order given. */
export function renderRunIndex(runs: readonly ListedRun[]): string {
  const body = html`<header><h1>feedbench runs</h1><p>${countOf(runs.length, 'run')}, the newest first.</p></header>
<section><div class="scroll"><table>
<thead><tr><th>run</th><th>started</th><th>transports</th><th>clients</th><th>trials</th><th>audit</th></tr></thead>
<tbody>${runs.map(runRow)}</tbody></table></div></section>`;
  return renderDocument({ title: 'feedbench runs', body, scripts: [] });
}

function runRow(run: ListedRun): Markup {
  if (run.state === 'unreadable')
    return html`<tr><td>${run.folder}</td><td colspan="5" class="bad">${run.reason}</td></tr>`;
  const { folder, result } = run;
  const { rows } = buildReport(result);
  const transports = distinct(
    rows.map(({ trial }) => result.transports[trial.variant.transport]?.label ?? trial.variant.transport),
  );
  return html`<tr><th scope="row"><a href="${encodeURIComponent(folder)}/index.html">${result.workload.name}</a></th>
<td>${momentText(result.startedAt)}</td><td>${listOf(transports)}</td><td class="number">${result.workload.clients.toLocaleString('en-US')}</td>
<td class="number">${result.trials.length}${result.partial ? ` of ${result.plannedTrials}, partial` : ''}</td><td>${auditVerdict(rows)}</td></tr>
`;
}
