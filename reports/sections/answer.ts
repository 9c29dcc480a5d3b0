import { html, type Markup } from '../html/html.ts';
import { mark } from '../html/mark.ts';
import { unbroken } from '../html/unbroken.ts';
import { answerOf } from '../report/answer/answer.ts';
import type { Doubt } from '../report/answer/doubts.ts';
import type { Dot, Tile } from '../report/answer/tiles.ts';
import type { Section } from './section.ts';

/** What to choose, by how much, why, and what to doubt of it; what the rest of the page is evidence for. */
export const answer: Section = (report) => {
  const { verdict, reasons, doubts, tiles } = answerOf(report);
  const [first = '', ...rest] = verdict;
  return html`<section class="answer"><h2 class="spoken">Answer</h2>
<div class="verdict"><p>${unbroken(first)}</p>${rest.map((text) => html`<p class="further">${unbroken(text)}</p>`)}</div>
${tileGrid(tiles)}<div class="grounds">${reasonList(reasons)}${doubtBox(doubts)}</div>
</section>
`;
};

function reasonList(reasons: readonly string[]): Markup | undefined {
  if (reasons.length === 0) return undefined;
  return html`<ul class="reasons">${reasons.map((text) => html`<li>${unbroken(text)}</li>`)}</ul>
`;
}

/** What is wrong before what is doubtful, each in its own colour; nothing where nothing is. */
function doubtBox(doubts: readonly Doubt[]): Markup | undefined {
  if (doubts.length === 0) return undefined;
  const boxes = (['wrong', 'doubt'] as const).map((kind) => {
    const own = doubts.filter((doubt) => doubt.kind === kind);
    if (own.length === 0) return undefined;
    const title = kind === 'wrong' ? 'What went wrong' : 'What to doubt';
    const items = own.map(({ text }) => html`<li>${unbroken(text)}</li>`);
    return html`<div class="${kind === 'wrong' ? 'doubts wrong' : 'doubts'}" role="note"><h3>${title}</h3><ul>${items}</ul></div>
`;
  });
  return html`<div>${boxes}</div>`;
}

/** Who is first in each measure, by how much, how sure; below it every variant on the tile's own scale. */
function tileGrid(tiles: readonly Tile[]): Markup | undefined {
  if (tiles.length === 0) return undefined;
  return html`<div class="tiles">${tiles.map(tileBox)}</div>
`;
}

/** Of those not told apart, so many are named in large letters. */
const MOST_WINNERS = 3;

function tileBox(tile: Tile): Markup {
  const more = tile.winners.length - MOST_WINNERS;
  const winners = tile.winners
    .slice(0, more === 1 ? MOST_WINNERS + 1 : MOST_WINNERS)
    .map(
      ({ group, name }) =>
        html`<span class="winner" data-group="${group.key}">${mark(group.look)}<bdi>${name}</bdi></span>`,
    );
  const head =
    tile.upper === undefined ? undefined : html`<p class="head"><span>p50</span><span>${tile.upper}</span></p>`;
  return html`<div class="tile"><h3>${tile.title} <small>${tile.unit}</small></h3>
${winners.length === 0 ? undefined : html`<p class="winners">${winners}${more > 1 ? html` <small>and ${more} more</small>` : undefined}</p>`}<p class="claim">${unbroken(tile.claim)}</p>
${head}<ol class="dots">${tile.dots.map((dot) => dotLine(dot))}</ol>
${tile.doubts.length === 0 ? undefined : html`<p class="doubtful">${unbroken(tile.doubts.join(' '))}</p>`}</div>
`;
}

function dotLine(dot: Dot): Markup {
  const { group, name, text, rangeText, upper, isSuspect } = dot;
  const title = rangeText === '' ? name : `${name}, trials from ${rangeText}`;
  const kind = `dot ${group.look.colour}${isSuspect ? ' suspect' : ''}`;
  return html`<li data-group="${group.key}"><span class="name"><bdi>${unbroken(name)}</bdi></span><b>${unbroken(text)}</b>${
    upper === undefined ? undefined : html`<span class="upper">${unbroken(upper.text)}</span>`
  }<svg class="${kind}" role="img" aria-label="${title}">${dotPicture(dot)}</svg></li>
`;
}

/** Marks at the ends of a scale would be cut: it keeps this much room on either side, in hundredths of the width. */
const MARGIN = 4;

/** A line for the range of trials, the transport's mark at the centre, a tick at the upper percentile. */
function dotPicture({ group, place, range: [from, to], upper }: Dot): Markup {
  const [left, right] = [percent(from), percent(to)];
  const tick =
    upper === undefined
      ? undefined
      : html`<line class="tick" x1="${percent(upper.place)}" x2="${percent(upper.place)}" y1="3" y2="15"/>`;
  return html`<line class="base" x1="0" x2="100%" y1="9" y2="9"/><line class="range" x1="${left}" x2="${right}" y1="9" y2="9"/>${tick}<svg x="${percent(place)}" y="9" overflow="visible"><use href="#mark-${group.look.shape}" transform="scale(0.7)"/></svg>`;
}

function percent(place: number): string {
  return `${(MARGIN + place * (100 - 2 * MARGIN)).toFixed(1)}%`;
}
