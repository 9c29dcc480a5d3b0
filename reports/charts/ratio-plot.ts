import { html, type Markup } from '../html/html.ts';
import { dependence, type Estimate, sizeText } from '../report/answer/phrases.ts';
import { logarithmicScale, type Scale, shareOf, ticksWithRoom } from './scale.ts';
import { attributesOf, markInText, percentOf, pointAt, sharedLines, shortName, type Subject } from './subject.ts';

export interface RatioRow {
  readonly subject: Subject;
  /** Of the subject to the best that was seen; the best itself has none. */
  readonly estimate: Estimate | undefined;
  /** What the figure came to, in words. */
  readonly figure: string;
}

const HEIGHT_PX = 18;
/** Plots are hardly narrower than this. */
const USUAL_WIDTH_PX = 250;
const TICK_ROOM_PX = 34;

/** How many times the best each one has, with its interval, on one logarithmic scale with a line at 1. */
export function ratioPlot(rows: readonly RatioRow[]): Markup {
  const ends = rows.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate.low, estimate.high]));
  const scale = logarithmicScale([...ends, 1], (ratio) => `${ratio}×`);
  const shared = sharedLines(rows.map(({ subject }) => subject));
  const items = rows.map(
    (row) =>
      html`<li${attributesOf(row.subject)}><span>${markInText(row.subject)}<bdi>${shortName(row.subject, shared)}</bdi></span>${interval(row, scale)}<span>${rowText(row)}</span></li>`,
  );
  return html`<ol class="ratios">${items}<li class="axis" aria-hidden="true"><span></span>${axis(scale)}<span></span></li></ol>`;
}

function interval({ subject, estimate }: RatioRow, scale: Scale): Markup {
  const one = percentOf(shareOf(scale, 1));
  const middle = HEIGHT_PX / 2;
  const at = (ratio: number): string => percentOf(shareOf(scale, ratio));
  const line =
    estimate === undefined
      ? undefined
      : html`<line class="interval" x1="${at(estimate.low)}" x2="${at(estimate.high)}" y1="${middle}" y2="${middle}"/>`;
  return html`<svg height="${HEIGHT_PX}" aria-hidden="true"><line class="one" x1="${one}" x2="${one}" y2="${HEIGHT_PX}"/>${line}${pointAt({ x: at(estimate?.ratio ?? 1), y: middle }, subject)}</svg>`;
}

function axis(scale: Scale): Markup {
  const ticks = ticksWithRoom(scale, TICK_ROOM_PX / USUAL_WIDTH_PX).map(
    ({ value, text }) => html`<text x="${percentOf(shareOf(scale, value))}" y="12">${text}</text>`,
  );
  return html`<svg height="${HEIGHT_PX}">${ticks}</svg>`;
}

function rowText({ estimate, figure }: RatioRow): Markup {
  if (estimate === undefined) return html`<b>${figure}</b>`;
  const doubts = [...(estimate.differs ? [] : ['no difference found']), ...dependence(estimate)];

  return html`<b>${figure}</b>, ${sizeText(estimate)} times${doubts.map((doubt) => html`; ${doubt}`)}`;
}
