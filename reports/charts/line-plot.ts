import { html, jsonScript, type Markup } from '../html/html.ts';
import { sum } from '../figures/figure.ts';
import {
  attributesOf,
  markInText,
  nameLines,
  percentOf,
  pointAt,
  rounded,
  sharedLines,
  type Subject,
} from './subject.ts';
import { placeLabels } from './label-placement.ts';
import { type Scale, shareOf, ticksWithRoom } from './scale.ts';

export interface Line {
  readonly subject: Subject;
  /** At each x of the plot; null: nothing there. */
  readonly values: readonly (number | null)[];
  /** The least and the most of the trials at each x; absent where there is one trial. */
  readonly ranges?: readonly (readonly [low: number, high: number] | null)[];
  /** Between these x the line is solid; what lies outside is in no figure, or not supported, and is dotted. */
  readonly solid: { readonly from: number; readonly to: number };
}

/** Where two lines meet, which is said there. */
export interface Crossing {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** The key of the line that it is of. */
  readonly group: string;
}

/** Lines over an x axis, drawn as SVG, and on a screen with scripts once more by Chart.js, which lets values be read off. */
export interface LinePlot {
  readonly id: string;
  /** For those who do not see it. */
  readonly label: string;
  readonly x: Scale;
  readonly y: Scale;
  /** Every x at which there are values. */
  readonly at: readonly number[];
  /** Those x at which lines have marks, and show the range of their trials. */
  readonly marks: readonly number[];
  readonly lines: readonly Line[];
  readonly crossings?: readonly Crossing[];
  readonly heightPx: number;
  /** What its values are, where the plot has one line and its name above it; otherwise names stand at the line ends. */
  readonly quantity?: string;
  /** In no figure. */
  readonly shaded?: { readonly from: number; readonly to: number };
  readonly texts: PlotTexts;
}

/** What values read as: the same words as in tables. */
interface PlotTexts {
  readonly at: (x: number) => string;
  readonly value: (value: number) => string;
}

/** Of the inner drawing, which is as wide as there is room: heights are pixels, widths are thousandths. */
const WIDTH = 1000;
const TEXT_PX = 14;
const TICK_ROOM_PX = 14;
/** As if the plot were this wide: on a phone it is less, and shares of it stay the same. */
const USUAL_WIDTH_PX = 300;
const X_TICK_ROOM_PX = 44;

/** The plot with what Chart.js needs to draw it again. */
export function linePlot(plot: LinePlot): Markup {
  const { id, label, lines, quantity } = plot;
  const names = quantity === undefined;
  const needed = names ? sum(namesOf(lines).map(({ height }) => height)) : 0;
  const heightPx = Math.max(plot.heightPx, needed);
  const sized = { ...plot, heightPx };
  return html`<div class="plot"><div class="field" data-plot="${id}"><svg width="100%" height="${heightPx}" role="img" aria-label="${label}">${axes(sized)}${lines.map((line) => drawnLine(sized, line))}${drawnCrossings(sized)}</svg></div>${names ? lineEnds(sized) : undefined}</div>
${names ? namesBelow(lines) : undefined}${jsonScript(id, plotData(sized))}`;
}

function axes({ x, y, heightPx, shaded }: LinePlot): Markup {
  const across = ticksWithRoom(y, TICK_ROOM_PX / heightPx).map(({ value, text }) => {
    const top = rounded(heightOf(y, value, heightPx));
    return html`<line x2="100%" y1="${top}" y2="${top}"/><text class="end" x="-8" y="${top}" dy="4">${text}</text>`;
  });
  const up = ticksWithRoom(x, X_TICK_ROOM_PX / USUAL_WIDTH_PX).map(({ value, text }) => {
    const left = percentOf(shareOf(x, value));
    return html`<line x1="${left}" x2="${left}" y2="${heightPx}"/><text class="middle" x="${left}" y="${heightPx}" dy="17">${text}</text>`;
  });
  const shade =
    shaded === undefined || shaded.to <= shaded.from
      ? undefined
      : html`<rect class="shade" x="${percentOf(shareOf(x, shaded.from))}" width="${percentOf(shareOf(x, shaded.to) - shareOf(x, shaded.from))}" height="${heightPx}"/>`;
  return html`<g class="axes">${shade}${across}${up}</g>`;
}

function heightOf(y: Scale, value: number, heightPx: number): number {
  return (1 - shareOf(y, value)) * heightPx;
}

function drawnLine(plot: LinePlot, line: Line): Markup {
  const { heightPx } = plot;
  const { subject, ranges, solid } = line;
  const { at } = plot;
  const parts = [
    ...(ranges === undefined ? [] : [html`<path class="band" d="${bandPath(plot, ranges)}"/>`]),
    ...[
      { kind: 'line', d: linePath(plot, line, (x) => x >= solid.from && x <= solid.to), dash: subject.dash },
      { kind: 'line dotted', d: linePath(plot, line, (x) => x <= solid.from), dash: '' },
      { kind: 'line dotted', d: linePath(plot, line, (x) => x >= solid.to), dash: '' },
    ]
      .filter(({ d }) => d.includes('L'))
      .map(
        ({ kind, d, dash }) =>
          html`<path class="${kind}" d="${d}"${dash === '' ? undefined : html` stroke-dasharray="${dash}"`}/>`,
      ),
  ];
  const marks = plot.marks.map((x) => markOf(plot, line, at.indexOf(x)));
  return html`<g${attributesOf(subject)}><svg viewBox="0 0 ${WIDTH} ${heightPx}" preserveAspectRatio="none">${parts}</svg>${marks}</g>`;
}

/** A line down to the axis, and words beside it, each a row below the one before so that they do not meet. */
function drawnCrossings({ x, y, heightPx, crossings = [] }: LinePlot): Markup[] {
  return crossings.map((crossing, index) => {
    const left = percentOf(shareOf(x, crossing.x));
    const top = heightOf(y, crossing.y, heightPx);
    const bottom = crossingTextPx(heightPx, index);
    return html`<g class="crossing"><line x1="${left}" x2="${left}" y1="${rounded(top)}" y2="${heightPx}"/><circle cx="${left}" cy="${rounded(top)}" r="5"/><svg x="${left}" overflow="visible"><text x="6" y="${rounded(bottom)}">${crossing.text}</text></svg></g>`;
  });
}

function crossingTextPx(heightPx: number, index: number): number {
  return heightPx - 8 - index * (TEXT_PX + 2);
}

function linePath({ at, x, y, heightPx }: LinePlot, { values }: Line, isIn: (x: number) => boolean): string {
  const steps: string[] = [];
  let joins = false;
  for (const [index, value] of values.entries()) {
    const place = at[index];
    if (value === null || place === undefined || !isIn(place)) {
      joins = false;
      continue;
    }
    steps.push(`${joins ? 'L' : 'M'}${pointText({ x, y, heightPx }, place, value)}`);
    joins = true;
  }
  return steps.join('');
}

function pointText({ x, y, heightPx }: Pick<LinePlot, 'x' | 'y' | 'heightPx'>, at: number, value: number): string {
  return `${Math.round(shareOf(x, at) * WIDTH)} ${rounded(heightOf(y, value, heightPx))}`;
}

function bandPath({ at, x, y, heightPx }: LinePlot, ranges: NonNullable<Line['ranges']>): string {
  const ends = ranges.flatMap((range, index) => {
    const place = at[index];
    return range === null || place === undefined ? [] : [{ place, low: range[0], high: range[1] }];
  });
  const upper = ends.map(({ place, high }) => pointText({ x, y, heightPx }, place, high));
  const lower = ends.toReversed().map(({ place, low }) => pointText({ x, y, heightPx }, place, low));
  return ends.length < 2 ? '' : `M${[...upper, ...lower].join('L')}Z`;
}

function markOf(
  { at, x, y, heightPx }: LinePlot,
  { subject, values, ranges }: Line,
  index: number,
): Markup | undefined {
  const [place, value] = [at[index], values[index]];
  if (place === undefined || value === null || value === undefined) return undefined;
  const left = percentOf(shareOf(x, place));
  const range = ranges?.[index];
  const whisker =
    range === undefined || range === null
      ? undefined
      : html`<line class="whisker" x1="${left}" x2="${left}" y1="${rounded(heightOf(y, range[1], heightPx))}" y2="${rounded(heightOf(y, range[0], heightPx))}"/>`;
  const top = heightOf(y, value, heightPx);
  return html`${whisker}${pointAt({ x: left, y: top }, subject)}`;
}

interface Name {
  readonly subject: Subject;
  readonly texts: readonly string[];
  readonly height: number;
}

function namesOf(lines: readonly Line[]): Name[] {
  const subjects = lines.map(({ subject }) => subject);
  const shared = sharedLines(subjects);
  return subjects.map((subject) => {
    const texts = nameLines(subject, shared);
    return { subject, texts, height: texts.length * TEXT_PX + 3 };
  });
}

const CHARACTER_PX = 7.2;
/** From the plot to the names: room for leaders and marks. */
const NAMES_FROM_PX = 32;

function lineEnds({ lines, y, heightPx }: LinePlot): Markup {
  const names = namesOf(lines);
  const ends = lines.map(({ values }) => heightOf(y, values.findLast((value) => value !== null) ?? y.min, heightPx));
  const middles = placeLabels(
    names.map(({ height }, index) => ({ at: ends[index] ?? 0, height })),
    heightPx,
  );
  const longest = Math.max(...names.flatMap(({ texts }) => texts.map(({ length }) => length)));
  const marks = names.map((name, index) => lineEnd(name, ends[index] ?? 0, middles[index] ?? 0));
  return html`<svg class="ends" width="${Math.ceil(NAMES_FROM_PX + longest * CHARACTER_PX)}" height="${heightPx}" aria-hidden="true">${marks}</svg>`;
}

/** A leader from where the line ends to its mark, and the name. */
function lineEnd({ subject, texts }: Name, end: number, middle: number): Markup {
  const first = middle - ((texts.length - 1) * TEXT_PX) / 2 + 4;
  const written = texts.map(
    (text, line) =>
      html`<text${line === 0 ? html` class="name"` : undefined} x="${NAMES_FROM_PX}" y="${rounded(first + line * TEXT_PX)}">${text}</text>`,
  );
  return html`<g${attributesOf(subject)}><path class="leader" d="M2 ${rounded(end)}L14 ${rounded(middle)}"/>${pointAt({ x: '21', y: middle }, subject)}${written}</g>`;
}

/** Where there is no room beside the plot. */
function namesBelow(lines: readonly Line[]): Markup {
  const names = lines.map(
    ({ subject }) => html`<li${attributesOf(subject)}>${markInText(subject)}<bdi>${subject.label}</bdi></li>`,
  );
  return html`<ul class="names">${names}</ul>`;
}

/** For html/draw-charts.js. Words come along, so that what is read off is written as in the tables. */
function plotData({ x, y, at, marks, lines, shaded, quantity, crossings = [], heightPx, texts }: LinePlot): unknown {
  return {
    x,
    y,
    at,
    marks,
    shaded,
    quantity,
    crossings:
      crossings.length === 0
        ? undefined
        : crossings.map((crossing, index) => ({
            x: crossing.x,
            y: shortened(crossing.y),
            text: crossing.text,
            fromBottom: heightPx - crossingTextPx(heightPx, index),
          })),
    atTexts: at.map(texts.at),
    lines: lines.map(({ subject, values, ranges, solid }) => ({
      group: subject.key,
      label: subject.label,
      colour: subject.colour,
      shape: subject.shape,
      hollow: subject.hollow,
      dash: subject.dash.split(' ').filter(Boolean).map(Number),
      solid,
      values: values.map(shortened),
      ranges: ranges?.map((range) => range?.map(shortened) ?? null),
      texts: values.map((value, index) => readText(texts, value, ranges?.[index])),
    })),
  };
}

function readText(
  { value: text }: PlotTexts,
  value: number | null,
  range: readonly [number, number] | null | undefined,
): string {
  if (value === null) return '';
  const own = text(value);
  const [low, high] = (range ?? [value, value]).map(text);
  return low === high ? own : `${own} (${low} to ${high})`;
}

function shortened(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}
