import { html, jsonScript, type Markup } from '../html/html.ts';
import type { Drawing } from './chart.ts';
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
  const height = drawing.type === 'bar' ? html` style="height: ${barHeight(drawing.labels.length)}rem"` : undefined;
  return html`<figure><div class="canvas"${height}><canvas data-chart="${id}" role="img" aria-label="${label}"></canvas></div>
<figcaption>${caption}</figcaption>${chartTable(drawing)}${jsonScript(id, drawing)}</figure>`;
}

/** Room for the bars, the axis and the legend. */
function barHeight(bars: number): number {
  return 6 + 2.6 * bars;
}
