import {
  CLAIM_FIGURE_IDS,
  claimFigure,
  type ClaimFigureId,
  type ClaimFigures,
} from '../../scenarios/claims/figures.ts';
import type { Claims } from '../../scenarios/result/claims.ts';
import { countOf, distinct, listOf, momentText } from '../figures/wording.ts';
import { pageScripts, renderDocument } from '../html/document.ts';
import { html, type Markup } from '../html/html.ts';
import { type Column, groupedTable, table } from '../html/table.ts';
import { section } from '../sections/section.ts';
import { CLAIMS, UNTESTABLE } from './claims.ts';
import { amountText, Taken } from './taken.ts';
import { type Claim, type ClaimVerdict, numbersText, verdictOf, verdictText } from './verdict.ts';

/** What the table rests on. */
export interface Measured {
  readonly figures: ClaimFigures;
}

interface Judged {
  readonly claim: Claim;
  readonly verdict: ClaimVerdict;
}

/** What came of each claim, in the order of the table. */
export function judged({ figures }: Measured): Judged[] {
  return CLAIMS.map((claim) => ({ claim, verdict: verdictOf(claim, figures) }));
}

/** `Of 27 claims 21 hold, 4 hold when something else does, and 2 do not.` */
export function leadText(all: readonly Judged[]): string {
  const count = (kind: ClaimVerdict['kind']): number => all.filter(({ verdict }) => verdict.kind === kind).length;
  const parts = [
    [count('holds'), 'hold as they are said'],
    [count('holds-when'), 'hold under a condition'],
    [count('does-not-hold'), 'do not hold'],
    [count('not-decided'), 'could not be decided'],
  ] as const;
  return `Of ${countOf(all.length, 'claim')} ${listOf(parts.flatMap(([number, words]) => (number === 0 ? [] : `${number} ${words}`)))}.`;
}

/** The claims as one self-contained HTML file. */
export function renderClaimsPage(claims: Claims): string {
  const { startedAt, partial } = claims;
  const all = judged(claims);
  const body = html`<header><h1>What a guide claims, measured</h1>
<p class="subtitle">Each claim of a guide on WebSockets that carries a number, a superlative or a comparison, in its own words.</p>
<p>${momentText(startedAt)}${partial ? ' · partial' : ''} · <a href="../index.html">all runs</a></p></header>
${missing(claims)}<section class="lead"><p>${leadText(all)}</p>${notSo(all)}</section>
${section('Claim by claim', verdictTable(all))}${untestable()}${runs(claims)}${everyFigure(claims)}${place(claims)}`;
  return renderDocument({ title: `feedbench: claims, ${momentText(startedAt)}`, body, scripts: pageScripts() });
}

/** What a reader of the guide should know first. */
function notSo(all: readonly Judged[]): Markup | undefined {
  const wrong = all.filter(({ verdict }) => verdict.kind === 'does-not-hold' || verdict.kind === 'holds-when');
  if (wrong.length === 0) return undefined;
  const items = wrong.map(({ claim, verdict }) => html`<li>“${claim.said}”: ${verdictText(verdict)}.</li>`);
  return html`<ul>${items}</ul>`;
}

function missing({ missing: reasons }: Claims): Markup | undefined {
  if (reasons.length === 0) return undefined;
  return html`<div class="problems" role="note"><ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>`;
}

const COLUMNS: readonly Column<Judged>[] = [
  { title: 'claim', cell: ({ claim }) => html`“${claim.said}”` },
  { title: 'verdict', cell: ({ verdict }) => html`<b>${verdictText(verdict)}</b>` },
  { title: 'what was measured', cell: ({ verdict }) => numbersText(verdict) },
  { title: 'how', cell: ({ claim }) => html`<small>${claim.how}</small>` },
];

function verdictTable(all: readonly Judged[]): Markup {
  const places = distinct(all.map(({ claim }) => claim.place));
  return groupedTable(
    places.map((name) => ({ name: html`${name}`, items: all.filter(({ claim }) => claim.place === name) })),
    COLUMNS,
  );
}

function untestable(): Markup {
  const items = UNTESTABLE.map(({ said, reason }) => html`<dt>“${said}”</dt><dd>${reason}</dd>`);
  return section('What is claimed, and cannot be measured', html`<dl>${items}</dl>`);
}

function runs({ runs: measured }: Claims): Markup | undefined {
  if (measured.length === 0) return undefined;
  const items = measured.map(
    ({ folder, description }) =>
      html`<li><a href="${folder.split('/').map(encodeURIComponent).join('/')}/index.html">${description}</a></li>`,
  );
  return section('The trials behind it', html`<ul>${items}</ul>`);
}

function everyFigure({ figures }: Claims): Markup {
  const all = new Taken(figures);
  const ids = CLAIM_FIGURE_IDS.filter((id) => all.all(id).length > 0);
  return section(
    'Every figure',
    table<ClaimFigureId>(ids, [
      { title: 'figure', cell: (id) => claimFigure(id).meaning },
      { title: 'median', number: true, cell: (id) => all.text(id) },
      { title: 'least', number: true, cell: (id) => amountText(id, all.low(id)) },
      { title: 'most', number: true, cell: (id) => amountText(id, all.high(id)) },
      { title: 'taken', number: true, cell: (id) => countOf(all.all(id).length, 'time') },
    ]),
  );
}

function place({ command, environment }: Claims): Markup {
  const facts = Object.entries(environment).map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value === null ? 'not known' : String(value)}</dd>`,
  );
  return html`${section('How to run it again', html`<p><code>${command}</code></p>`)}${section('Where it ran', html`<dl>${facts}</dl>`)}`;
}
