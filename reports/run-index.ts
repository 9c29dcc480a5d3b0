import { countOf, distinct, listOf, momentText } from './figures/wording.ts';
import { indexScripts, renderDocument } from './html/document.ts';
import { html, jsonScript, type Markup } from './html/html.ts';
import { mark } from './html/mark.ts';
import { cell, type Column, framedTable } from './html/table.ts';
import { unbroken } from './html/unbroken.ts';
import type { RunEntry } from './index/run-entry.ts';

interface ReadableRun {
  readonly state: 'readable';
  readonly folder: string;
  readonly entry: RunEntry;
}

interface UnreadableRun {
  readonly state: 'unreadable';
  readonly folder: string;
  readonly reason: string;
}

/** What is no scenario: it has a page, and nothing to compare. */
interface OtherRun<State extends 'ceiling' | 'claims'> {
  readonly state: State;
  /** Its name begins with its date. */
  readonly folder: string;
  /** What came of it, in a sentence. */
  readonly text?: string;
}

export type ListedRun = ReadableRun | OtherRun<'ceiling'> | OtherRun<'claims'> | UnreadableRun;

/** What else stands in the list. */
export interface IndexPlace {
  /** How a comparison is called, up to the names of runs, and what stands before each of those. */
  readonly command: string;
  readonly argument: (folder: string) => string;
  /** Pages of comparisons, as links, the newest first. */
  readonly comparisons: readonly string[];
}

/** The page that lists all runs, in the order given: the newest first. */
export function renderRunIndex(runs: readonly ListedRun[], place: IndexPlace): string {
  const readable = runs.filter((run) => run.state === 'readable');
  const body = html`<header><h1>feedbench runs</h1>
<p class="subtitle">What the newest run of each scenario says. ${countOf(readable.length, 'run')}.</p></header>
${readable.length > 0 ? html`${matrix(readable)}${list(readable)}` : html`<section><p>There is no run yet.</p></section>`}
${comparisonSection(place.comparisons)}${otherSection(
  'What guides claim',
  runs.filter((run) => run.state === 'claims'),
)}${otherSection(
  'Ceilings of the polling door',
  runs.filter((run) => run.state === 'ceiling'),
)}${unreadableSection(runs.filter((run) => run.state === 'unreadable'))}${runData(readable, place)}`;
  return renderDocument({
    title: 'feedbench runs',
    body,
    scripts: readable.length > 0 ? indexScripts() : [],
    styles: ['index-page.css'],
  });
}

function linkOf({ folder }: Pick<ReadableRun, 'folder'>): string {
  return `${encodeURIComponent(folder)}/index.html`;
}

/** Which transport? A row a scenario, by its newest run. */
function matrix(runs: readonly ReadableRun[]): Markup {
  const newest = distinct(runs.map(({ entry }) => entry.name)).flatMap(
    (name) => runs.find(({ entry }) => entry.name === name) ?? [],
  );
  const transports = new Map(newest.flatMap(({ entry }) => entry.transports.map((one) => [one.id, one] as const)));
  const columns = [{ title: 'scenario' }, ...[...transports.values()].map(({ label }) => ({ title: label }))];
  const rows = newest.map((run) => {
    const cells = [...transports].map(([id, { label }]) => {
      const own = run.entry.transports.find((one) => one.id === id);
      return cell({ title: label }, own === undefined ? html`<small>not measured</small>` : figuresMarkup(own));
    });
    return html`<tr><th scope="row">${scenarioMarkup(run)}</th>${cells}</tr>
`;
  });
  return html`<section><h2>Which transport?</h2><div class="matrix">${framedTable(columns, html`<tbody>${rows}</tbody>`)}</div>
<p class="note">Each transport where it is plainest, on the fewest nodes. Underlined: the best, and all that were not told apart from it; nothing, where the report ranks nothing. ≈: too few messages for that percentile.</p></section>
`;
}

function figuresMarkup({ look, figures }: RunEntry['transports'][number]): Markup {
  const lines = figures.map(({ text, isBest }) =>
    isBest ? html`<span class="best ${look.colour}">${text}</span>` : html`<span>${text}</span>`,
  );
  return html`${lines}`;
}

function scenarioMarkup(run: ReadableRun): Markup {
  const { entry } = run;
  const doubts = entry.doubts.map(
    ({ kind, text }) => html` <span class="${kind === 'wrong' ? 'bad' : 'doubt'}">${text}</span>`,
  );
  return html`<a href="${linkOf(run)}"><bdi>${entry.name}</bdi></a><span class="feed"><bdi>${entry.description}</bdi></span><span class="answer">${unbroken(entry.answer)}</span><small>${listOf(entry.metrics)} · ${momentText(entry.startedAt)} · trials: ${trialsText(entry)}${doubts}</small>`;
}

const COLUMNS: readonly (Column<ReadableRun> & { readonly number?: boolean })[] = [
  { title: 'run', cell: ({ entry, folder }) => runMarkup(entry, folder) },
  { title: 'started', cell: ({ entry }) => momentText(entry.startedAt) },
  {
    title: 'transports',
    cell: ({ entry }) =>
      html`${entry.transports.map(({ label, look }) => html`<span title="${label}">${mark(look)}</span>`)}<span class="muted">${listOf(entry.places)}</span>`,
  },
  { title: 'clients', number: true, cell: ({ entry }) => entry.clients.toLocaleString('en-US') },
  { title: 'generators', cell: ({ entry }) => listOf(entry.generators) },
  { title: 'trials', number: true, cell: ({ entry }) => trialsText(entry) },
  {
    title: 'audit',
    cell: ({ entry }) => (entry.audit === 'ok' ? 'ok' : html`<span class="bad">${entry.audit}</span>`),
  },
];

function runMarkup({ name, startedAt }: RunEntry, folder: string): Markup {
  const label = `Compare ${name} of ${momentText(startedAt)}`;
  return html`<input type="checkbox" data-script hidden data-run="${folder}" aria-label="${label}"><a href="${linkOf({ folder })}"><bdi>${name}</bdi></a>`;
}

function list(runs: readonly ReadableRun[]): Markup {
  const scenarios = distinct(runs.map(({ entry }) => entry.name));
  const rows = runs.map((run) => {
    const cells = COLUMNS.map((column, index) =>
      index === 0 ? html`<th scope="row">${column.cell(run)}</th>` : cell(column, html`${column.cell(run)}`),
    );
    return html`<tr data-scenario="${run.entry.name}">${cells}</tr>
`;
  });
  const filter = ['', ...scenarios].map(
    (name) =>
      html`<button type="button" data-scenario="${name}" aria-pressed="${name === '' ? 'true' : 'false'}">${name === '' ? 'all' : name}</button>`,
  );
  return html`<section><h2>All runs, the newest first</h2>
${scenarios.length > 1 ? html`<div class="filter" data-script hidden>${filter}</div>` : undefined}<div class="runlist">${framedTable(COLUMNS, html`<tbody>${rows}</tbody>`)}</div>
<div class="ticked" data-script hidden role="status"><span id="ticked"></span><code id="compare-command" hidden></code><button type="button" id="copy-command" hidden>copy</button></div><div id="side-by-side"></div></section>
`;
}

function trialsText({ trials }: RunEntry): string {
  const parts = [
    trials.partial ? `${trials.made} of ${trials.planned}, partial` : String(trials.made),
    countText(trials.failed, 'failed'),
    countText(trials.suspect, 'suspect'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function countText(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}`;
}

/** For html/index-page.js: what ticked runs are set side by side by. */
function runData(runs: readonly ReadableRun[], { command, argument }: IndexPlace): Markup | undefined {
  if (runs.length === 0) return undefined;
  const all = distinct(runs.flatMap(({ entry }) => entry.metrics));
  const own = runs.map(({ folder, entry: { name, startedAt, metrics, variants } }): [string, unknown] => [
    folder,
    {
      name,
      title: momentText(startedAt),
      argument: argument(folder),
      metrics: metrics.map((metric) => all.indexOf(metric)),
      // Without names, which two hundred runs would say thousands of times.
      variants: variants.map(({ label, amounts }) => [
        label,
        ...amounts.map((amount) => amount && [amount.text, amount.range, amount.centre, amount.low, amount.high]),
      ]),
    },
  ]);
  return jsonScript('runs', { metrics: all, command, runs: Object.fromEntries(own) });
}

function comparisonSection(links: readonly string[]): Markup | undefined {
  if (links.length === 0) return undefined;
  const items = links.map(
    (link) =>
      html`<li><a href="${link.split('/').map(encodeURIComponent).join('/')}">${link.replaceAll(/^.*\/|\.html$/g, '')}</a></li>`,
  );
  return html`<section><h2>Comparisons</h2><ul>${items}</ul></section>`;
}

function otherSection(title: string, runs: readonly Pick<OtherRun<'claims'>, 'folder' | 'text'>[]): Markup | undefined {
  if (runs.length === 0) return undefined;
  const items = runs.map((run) => html`<li><a href="${linkOf(run)}">${run.folder}</a> ${run.text}</li>`);
  return html`<section><h2>${title}</h2><ul>${items}</ul></section>`;
}

function unreadableSection(runs: readonly UnreadableRun[]): Markup | undefined {
  if (runs.length === 0) return undefined;
  const items = runs.map(({ folder, reason }) => html`<dt>${folder}</dt><dd>${reason}</dd>`);
  return html`<section><h2>Folders that could not be read</h2><dl>${items}</dl></section>`;
}
