import { bytesByLayer } from '../charts/bytes-by-layer.ts';
import type { Chart } from '../charts/chart.ts';
import { drawnFigure } from '../charts/drawn-figure.ts';
import { connectionsOverTime, deliveriesOverTime, serverCpuOverTime, stalenessOverTime } from '../charts/over-time.ts';
import { serverCpu } from '../charts/server-cpu.ts';
import { stalenessCurve } from '../charts/staleness-curve.ts';
import { html, type Markup } from '../html/html.ts';
import type { Report } from '../report/report.ts';
import type { Section } from './section.ts';

/** Every chart: its file and its place here. */
const LARGE: readonly Chart[] = [stalenessCurve, bytesByLayer, serverCpu];
const OVER_TIME: readonly Chart[] = [stalenessOverTime, deliveriesOverTime, serverCpuOverTime, connectionsOverTime];

export const charts: Section = (report) => html`${LARGE.map(
  (chart) => html`<section><h2>${chart.question}</h2>
${figure(report, chart)}</section>
`,
)}<section><h2>What happened over time?</h2><div class="over-time">
${OVER_TIME.map(
  (chart) => html`<div><h3>${chart.question}</h3>${figure(report, chart)}</div>
`,
)}</div></section>
`;

function figure(report: Report, { id, question, caption, build }: Chart): Markup {
  return drawnFigure({ id, question, caption: caption(report), drawing: build(report) });
}
