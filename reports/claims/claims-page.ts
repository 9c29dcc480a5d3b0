import type { Claims } from '../../scenarios/result/claims.ts';
import { countOf, distinct, listOf, momentText } from '../figures/wording.ts';
import { pageScripts, renderDocument } from '../html/document.ts';
import { html, type Markup } from '../html/html.ts';
import { type Column, groupedTable, table } from '../html/table.ts';
import { section } from '../sections/section.ts';
import { UNTESTABLE } from './claims.ts';
import { type FigureKey, figureOf, meaningOf } from './figure-keys.ts';
import { type Judged, judgedClaims, leadText } from './judged-claims.ts';
import { amountText, Taken } from './taken.ts';
import { numbersText, ruleText, verdictText } from './verdict.ts';

/** The claims as one self-contained HTML file. */
export function renderClaimsPage(claims: Claims): string {
  const { startedAt, partial } = claims;
  const all = judgedClaims(claims);
  const body = html`<header><h1>What a guide claims, measured</h1>
<p class="subtitle">Each claim of a guide on WebSockets that carries a number, a superlative or a comparison, in its own words, and a warning of the HTML Standard that it leaves out.</p>
<p>${momentText(startedAt)}${partial ? ' · partial' : ''} · <a href="../index.html">all runs</a></p></header>
${missing(claims)}<section class="lead"><p>${leadText(all)}</p>${notSo(all)}</section>
${section('Claim by claim', verdictTable(all))}${untestable()}${runs(claims)}${everyFigure(claims)}${place(claims)}`;
  return renderDocument({ title: `feedbench: claims, ${momentText(startedAt)}`, body, scripts: pageScripts() });
}

/** What a reader of the guide should know first. */
function notSo(all: readonly Judged[]): Markup | undefined {
  const others = all.filter(({ verdict }) => verdict.kind !== 'holds');
  if (others.length === 0) return undefined;
  const items = others.map(
    ({ claim, verdict }) => html`<li>“<a href="#${claim.id}">${claim.said}</a>”: ${verdictText(verdict)}.</li>`,
  );
  return html`<ul>${items}</ul>`;
}

/** What could not be measured, by its reason. */
function missing({ missing: reasons }: Claims): Markup | undefined {
  const bySource = Object.entries(reasons);
  if (bySource.length === 0) return undefined;
  const items = [...Map.groupBy(bySource, ([, reason]) => reason)].map(
    ([reason, own]) => html`<li>Not measured (${listOf(own.map(([source]) => source))}): ${reason}</li>`,
  );
  return html`<div class="problems" role="note"><ul>${items}</ul></div>`;
}

const COLUMNS: readonly Column<Judged>[] = [
  { title: 'claim', cell: ({ claim }) => html`<span id="${claim.id}">“${claim.said}”</span>` },
  { title: 'verdict', cell: ({ verdict }) => html`<b>${verdictText(verdict)}</b>` },
  { title: 'what was measured', cell: ({ verdict }) => numbersText(verdict) },
  {
    title: 'how, and by what rule',
    cell: ({ claim }) =>
      html`<small>${claim.how}</small><small>${ruleText(claim)}</small>${claim.limits === undefined ? undefined : html`<small>${claim.limits}</small>`}`,
  },
];

function verdictTable(all: readonly Judged[]): Markup {
  const places = distinct(all.map(({ claim }) => claim.place));
  return html`${groupedTable(
    places.map((name) => ({ name: html`${name}`, items: all.filter(({ claim }) => claim.place === name) })),
    COLUMNS,
  )}<p class="note">A rule holds for every trial of a figure: where its trials lie on both sides of a bound, or were disturbed and lie near it, the claim is not decided. Figures that were compared are of trials in one block, side by side in time.</p>`;
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

/** What this version knows; a file may have figures of another one. */
function everyFigure({ figures }: Claims): Markup {
  const all = new Taken((key) => figures[key]);
  const keys = Object.keys(figures)
    .filter((key): key is FigureKey => figureOf(key) !== undefined)
    .filter((key) => all.all(key).length > 0);
  return section(
    'Every figure',
    table<FigureKey>(keys, [
      { title: 'figure', cell: (key) => meaningOf(key) },
      { title: 'median', number: true, cell: (key) => all.text(key) },
      { title: 'least', number: true, cell: (key) => edgeText(key, all.low(key)) },
      { title: 'most', number: true, cell: (key) => edgeText(key, all.high(key)) },
      { title: 'taken', number: true, cell: (key) => countOf(all.all(key).length, 'time') },
      { title: 'disturbed', cell: (key) => all.disturbedBy(key) ?? '' },
    ]),
  );
}

function edgeText(key: FigureKey, value: number): string {
  const found = figureOf(key);
  return found === undefined ? '' : amountText(found.row, value);
}

function place({ command, environment }: Claims): Markup {
  const facts = Object.entries(environment).map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value === null ? 'not known' : String(value)}</dd>`,
  );
  return html`${section('How to run it again', html`<p><code>${command}</code></p>`)}${section('Where it ran', html`<dl>${facts}</dl>`)}`;
}
