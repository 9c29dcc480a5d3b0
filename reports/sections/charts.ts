import { bytesByLayer } from '../charts/bytes-by-layer.ts';
import type { Chart } from '../charts/chart.ts';
import { chartTable } from '../charts/chart-table.ts';
import { connectionsOverTime, deliveriesOverTime, serverCpuOverTime, stalenessOverTime } from '../charts/over-time.ts';
import { serverCpu } from '../charts/server-cpu.ts';
import { stalenessCurve } from '../charts/staleness-curve.ts';
import { html, jsonScript, type Markup } from '../page/html.ts';
import type { Report } from '../report.ts';
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

function figure(report: Report, chart: Chart): Markup {
  const drawing = chart.build(report);
  if (typeof drawing === 'string') return html`<p class="note">${drawing}</p>`;
  const label = `${chart.question} ${chart.caption(report)} The numbers are in the table below it.`;
  const height = drawing.type === 'bar' ? html` style="height: ${barHeight(drawing.labels.length)}rem"` : undefined;
  return html`<figure><div class="canvas"${height}><canvas data-chart="${chart.id}" role="img" aria-label="${label}"></canvas></div>
<figcaption>${chart.caption(report)}</figcaption>${chartTable(drawing)}${jsonScript(chart.id, drawing)}</figure>`;
}

/** Room for the bars, the axis and the legend. */
function barHeight(bars: number): number {
  return 6 + 2.6 * bars;
}
