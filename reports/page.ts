import type { Report } from './report/report.ts';
import { audit } from './sections/audit.ts';
import { bytes } from './sections/bytes.ts';
import { charts } from './sections/charts.ts';
import { comparison } from './sections/comparison.ts';
import { processes } from './sections/processes.ts';
import { provenance } from './sections/provenance.ts';
import { opinions } from './sections/second-opinions.ts';
import type { Section } from './sections/section.ts';
import { summary } from './sections/summary.ts';
import { surroundings } from './sections/surroundings.ts';
import { theory } from './sections/theory.ts';
import { countOf, momentText } from './figures/wording.ts';
import { chartScripts, renderDocument } from './html/document.ts';
import { html } from './html/html.ts';

/** The parts of the page in their order. */
const SECTIONS: readonly Section[] = [
  summary,
  comparison,
  opinions,
  charts,
  bytes,
  theory,
  audit,
  processes,
  surroundings,
  provenance,
];

/** The report as one self-contained HTML file. */
export function renderPage(report: Report): string {
  const { workload, startedAt, trials, partial, plannedTrials } = report.result;
  const count = partial
    ? `${trials.length} of ${countOf(plannedTrials, 'trial')}, partial`
    : countOf(trials.length, 'trial');
  const body = html`<header><h1>${workload.name}</h1>
<p class="subtitle">${workload.description}</p>
<p>${momentText(startedAt)} · ${count} · <a href="../index.html">all runs</a></p></header>
${SECTIONS.map((render) => render(report))}`;
  return renderDocument({
    title: `feedbench: ${workload.name}, ${momentText(startedAt)}`,
    body,
    scripts: chartScripts(),
  });
}
