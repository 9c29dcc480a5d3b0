import { claims } from './claims/claims-section.ts';
import type { Report } from './report/report.ts';
import { answer } from './sections/answer.ts';
import { audit } from './sections/audit.ts';
import { bytes } from './sections/bytes.ts';
import { bytesOfMessage, freshness, latency, overTime, ratios, serverCpu } from './sections/charts.ts';
import { contents, type LegendEntry } from './sections/contents.ts';
import { decision } from './sections/decision.ts';
import { disruption } from './sections/disruption.ts';
import { header } from './sections/header.ts';
import { breakEven } from './sections/path/break-even.ts';
import { httpVersions } from './sections/path/http-versions.ts';
import { idle } from './sections/kinds/idle.ts';
import { streams } from './sections/kinds/streams.ts';
import { values } from './sections/kinds/values.ts';
import { link } from './sections/path/link.ts';
import { tls } from './sections/path/tls.ts';
import { processes } from './sections/processes.ts';
import { balancers } from './sections/path/balancers.ts';
import { provenance } from './sections/provenance.ts';
import { opinions } from './sections/second-opinions.ts';
import type { Section } from './sections/section.ts';
import { trust } from './sections/trials/trust.ts';
import { surroundings } from './sections/surroundings.ts';
import { theory } from './sections/theory.ts';
import { upstream } from './sections/upstream.ts';
import { variants } from './sections/trials/variants.ts';
import { momentText } from './figures/wording.ts';
import { costScript } from './theory/way-costs.ts';
import { chartScripts, formScripts, pageScripts, renderDocument } from './html/document.ts';
import { html } from './html/html.ts';
import type { Place } from './html/place.ts';

interface Part {
  /** What it is reached by, and what the contents call it. */
  readonly id: string;
  readonly name: string;
  readonly render: Section;
}

/** The parts of the page in their order. */
const PARTS: readonly Part[] = [
  { id: 'answer', name: 'Answer', render: answer },
  { id: 'choose', name: 'Which one?', render: decision },
  { id: 'variants', name: 'Variants', render: variants },
  { id: 'staleness', name: 'Staleness', render: freshness },
  { id: 'ratios', name: 'Ratios', render: ratios },
  { id: 'latency', name: 'Latency', render: latency },
  { id: 'idle', name: 'Idle', render: idle },
  { id: 'streams', name: 'Streams', render: streams },
  { id: 'values', name: 'Values', render: values },
  { id: 'upstream', name: 'Said', render: upstream },
  { id: 'bytes', name: 'Bytes', render: bytesOfMessage },
  { id: 'http', name: 'HTTP/2', render: httpVersions },
  { id: 'break-even', name: 'Break-even', render: breakEven },
  { id: 'layers', name: 'Who counted', render: bytes },
  { id: 'cpu', name: 'Server CPU', render: serverCpu },
  { id: 'time', name: 'Over time', render: overTime },
  { id: 'link', name: 'Link', render: link },
  { id: 'tls', name: 'TLS', render: tls },
  { id: 'balancers', name: 'Balancers', render: balancers },
  { id: 'disruption', name: 'Disruption', render: disruption },
  { id: 'theory', name: 'Theory', render: theory },
  { id: 'claims', name: 'Claims', render: claims },
  { id: 'generators', name: 'Generators', render: opinions },
  { id: 'trust', name: 'Trust', render: trust },
  { id: 'audit', name: 'Audit', render: audit },
  { id: 'processes', name: 'Processes', render: processes },
  { id: 'surroundings', name: 'Machine', render: surroundings },
  { id: 'again', name: 'Run again', render: provenance },
];

/** The report as one self-contained HTML file; `place` tells what lies around it. */
export function renderPage(report: Report, place: Place = {}): string {
  const { workload, startedAt } = report.result;
  const parts = PARTS.flatMap(({ id, name, render }) => {
    const content = render(report, place);
    return content === undefined ? [] : [{ id, name, content }];
  });
  return renderDocument({
    title: `feedbench: ${workload.name}, ${momentText(startedAt)}`,
    rail: contents(parts, legendOf(report)),
    body: html`${header(report, place)}${parts.map(
      ({ id, content }) => html`<div class="part" id="${id}">${content}</div>
`,
    )}`,
    scripts: [...chartScripts(), ...pageScripts(), ...formScripts(costScript())],
  });
}

/** Each transport once, in the order of the table. */
function legendOf({ rows }: Report): LegendEntry[] {
  const byId = new Map(
    rows.map(({ transport, look, trial }): [string, LegendEntry] => [
      trial.variant.transport,
      { id: trial.variant.transport, label: transport, look },
    ]),
  );
  return [...byId.values()];
}
