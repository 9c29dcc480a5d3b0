import { html, type Markup } from '../html/html.ts';
import { answerOf } from '../report/answer/answer.ts';
import type { Doubt } from '../report/answer/doubts.ts';
import { tileGrid, unbroken } from './tiles.ts';
import type { Section } from './section.ts';

/** What to choose, by how much, why, and what to doubt of it; what the rest of the page is evidence for. */
export const answer: Section = (report) => {
  const { verdict, reasons, doubts, tiles } = answerOf(report);
  const [first = '', ...rest] = verdict;
  return html`<section class="answer" aria-label="Answer">
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
