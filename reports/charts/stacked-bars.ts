import { html, type Markup } from '../html/html.ts';
import { sum } from '../figures/figure.ts';
import { attributesOf, markInText, nameLines, percentOf, sharedLines, type Subject } from './subject.ts';

interface Layer {
  /** Its place in the steps of blue. */
  readonly step: number;
  readonly label: string;
  readonly value: number;
}

export interface Bar {
  readonly subject: Subject;
  /** One after the other from the left; they add up to `total`. */
  readonly layers: readonly Layer[];
  readonly total: number;
  /** The least and the most of its trials; absent where there is one. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

interface Bars {
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
  /** The value at the right end, where bars of several charts share a scale. */
  readonly most?: number;
}

/** Lying bars of layers, a group each, with what they add up to at their ends. */
export function stackedBars({ bars, format, most = mostOf(bars) }: Bars): Markup {
  const shared = sharedLines(bars.map(({ subject }) => subject));
  const items = bars.map(
    (bar) =>
      html`<li${attributesOf(bar.subject)}><span>${markInText(bar.subject)}<bdi>${nameLines(bar.subject, shared).join(', ')}</bdi></span>${drawnBar(bar, format, most)}</li>`,
  );
  return html`<ol class="bars">${items}</ol>`;
}

/** What the steps of blue mean, in the order in which they first lie in a bar. */
export function layerNames(bars: readonly Bar[]): Markup {
  const byStep = new Map(bars.flatMap(({ layers }) => layers).map(({ step, label }) => [step, label]));
  const names = [...byStep].toSorted(([a], [b]) => a - b);
  return html`<ul class="layers">${names.map(([step, label]) => html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="layer-${step}" width="10" height="10"/></svg>${label}</li>`)}</ul>`;
}

export function mostOf(bars: readonly Bar[]): number {
  return Math.max(...bars.flatMap(({ total, range }) => [total, ...(range ?? [])]));
}

const HEIGHT_PX = 20;
/** Below the bar. */
const WHISKER_PX = 24;
/** Bars are hardly narrower than this; a text that would not fit is left out, and read off. */
const USUAL_WIDTH_PX = 210;
const CHARACTER_PX = 7;

function drawnBar({ subject, layers, total, range }: Bar, format: Bars['format'], most: number): Markup {
  let from = 0;
  const parts = layers.map((layer) => {
    const [x, width] = [from / most, layer.value / most];
    from += layer.value;
    const text = format(layer.value);
    const fits = width * USUAL_WIDTH_PX > text.length * CHARACTER_PX + 4;
    return html`<rect class="layer-${layer.step}" x="${percentOf(x)}" width="${percentOf(width)}" height="${HEIGHT_PX}"/>${
      fits
        ? html`<text class="on-layer-${layer.step}" x="${percentOf(x + width / 2)}" y="14.5">${text}</text>`
        : undefined
    }`;
  });
  const end = percentOf(total / most);
  const text = barText({ subject, layers, total, range }, format);
  return html`<svg height="${WHISKER_PX + 3}" role="img" aria-label="${text}"><title>${text}</title>${parts}${whisker(range, most)}<text class="total" x="${end}" dx="8" y="14.5">${format(total)}</text></svg>`;
}

function whisker(range: Bar['range'], most: number): Markup | undefined {
  if (range === undefined) return undefined;
  const [low, high] = range.map((value) => percentOf(value / most));
  if (low === high) return undefined;
  return html`<g class="whisker"><line x1="${low ?? ''}" x2="${high ?? ''}" y1="${WHISKER_PX}" y2="${WHISKER_PX}"/>${[low, high].map((x) => html`<line x1="${x ?? ''}" x2="${x ?? ''}" y1="${WHISKER_PX - 2.5}" y2="${WHISKER_PX + 2.5}"/>`)}</g>`;
}

/** `WebSocket: message 284 B, headers and framing 3.00 B; 420 B in all (419 B to 421 B).` */
function barText({ subject, layers, total, range }: Bar, format: Bars['format']): string {
  const parts = layers.map(({ label, value }) => `${label} ${format(value)}`);
  const [low, high] = (range ?? [total, total]).map(format);
  const spread = low === high ? '' : ` (trials ${low} to ${high})`;
  return `${subject.label}: ${parts.join(', ')}; ${format(total)} in all${spread}`;
}

/** Shares of the sums over the trials, so that layers add up to what is printed as the total. */
export function layersOf(
  totalShown: number,
  parts: readonly { readonly step: number; readonly label: string; readonly values: readonly number[] }[],
): Layer[] {
  const sums = parts.map(({ values }) => sum(values));
  const all = sum(sums);
  return parts.map(({ step, label }, index) => ({
    step,
    label,
    value: all === 0 ? 0 : (totalShown * (sums[index] ?? 0)) / all,
  }));
}
