import { html, jsonScript, type Markup } from '../html/html.ts';
import type { BarDrawing, Drawing } from './chart.ts';
import { chartTable } from './chart-table.ts';

interface DrawnFigure {
  readonly id: string;
  readonly question: string;
  readonly caption: string;
  /** Or in words why there is none. */
  readonly drawing: Drawing | string;
}

/** A canvas with its caption, its numbers as a table, and the data it is drawn from. */
export function drawnFigure({ id, question, caption, drawing }: DrawnFigure): Markup {
  if (typeof drawing === 'string') return html`<p class="note">${drawing}</p>`;
  const label = `${question} ${caption} The numbers are in the table below it.`;
  return html`<figure><div class="canvas"><svg class="room" width="1" height="${heightOf(drawing)}" aria-hidden="true"></svg><canvas data-chart="${id}" role="img" aria-label="${label}"></canvas></div>
<figcaption>${caption}</figcaption>${chartTable(drawing)}${jsonScript(id, drawing)}</figure>`;
}

const CURVE_HEIGHT = 352;

/** In pixels: an element that stands beside the canvas holds it open, since no element brings a style of its own. */
function heightOf(drawing: Drawing): number {
  return drawing.type === 'bar' ? barHeight(drawing.labels) : CURVE_HEIGHT;
}

/** Room for the bars, the axis and the legend: bars are equally far apart, and the longest label must not reach the next. */
function barHeight(labels: BarDrawing['labels']): number {
  const mostLines = Math.max(1, ...labels.map((lines) => lines.length));
  return 96 + Math.max(42, 18 * mostLines) * labels.length;
}
