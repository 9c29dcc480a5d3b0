import type { Judgement } from '../assertions/judgement.ts';
import { coincidence, type CurveSet, curvesOf } from '../charts/staleness-curve.ts';
import { linePlot } from '../charts/line-plot.ts';
import { type Subject, subjectOf } from '../charts/subject.ts';
import { momentText } from '../figures/wording.ts';
import { chartScripts, renderDocument } from '../html/document.ts';
import { html, type Markup } from '../html/html.ts';
import { cell, framedTable, table } from '../html/table.ts';
import { rowName, section } from '../sections/section.ts';
import type { Group } from '../report/groups.ts';
import { amountsText, callOf, intervalText, smallestText, wordsOf } from './comparison-words.ts';
import { intervalBar } from './interval-bar.ts';
import type { ComparedRun, ComparedVariant, PlacedChange, RunComparison } from './run-comparison.ts';

/** What is around a comparison's page. */
export interface ComparePlace {
  /** Links to the runs' reports, in their order, and to the list of all runs; undefined where there is none. */
  readonly reports: readonly (string | undefined)[];
  readonly allRuns: string | undefined;
  /** What makes the page again. */
  readonly command: string;
}

/** The comparison as one self-contained HTML file. */
export function renderComparePage(
  comparison: RunComparison,
  judgements: readonly Judgement[],
  place: ComparePlace,
): string {
  const names = comparison.runs.map(({ name }) => name).join(' and ');
  const title = `${comparison.runs[0].report.result.workload.name}: ${names} compared`;
  return renderDocument({
    title: `feedbench: ${title}`,
    body: html`${head(comparison, title, place)}${answer(comparison)}${variants(comparison)}${curves(comparison)}${differences(comparison)}${assertions(judgements)}${section('Run it again', html`<p><code>${place.command}</code></p>`)}`,
    scripts: chartScripts(),
    styles: ['compare.css'],
  });
}

function head({ runs }: RunComparison, title: string, { reports, allRuns }: ComparePlace): Markup {
  const crumb = allRuns === undefined ? undefined : html`<p><a href="${allRuns}">all runs</a></p>`;
  const items = runs.map(
    (run, index) =>
      html`<dt>${run.name}${index === 0 ? ', the baseline' : ''}</dt><dd>${runFacts(run, reports[index])}</dd>`,
  );
  return html`<header>${crumb}<h1><bdi>${title}</bdi></h1><dl class="runs">${items}</dl></header>`;
}

function runFacts({ report: { result, groups } }: ComparedRun, link: string | undefined): Markup {
  const commit = result.environment['commit'];
  const trials = groups.flatMap(({ counting }) => counting).length;
  const when = momentText(result.startedAt);
  const facts = [
    typeof commit === 'string' ? `commit ${commit.slice(0, 8)}` : 'commit not known',
    `${trials} trials that count`,
    ...(result.partial ? ['partial'] : []),
  ];
  return html`${link === undefined ? when : html`<a href="${link}">${when}</a>`} · <bdi>${result.id}</bdi> · ${facts.join(' · ')}`;
}

function answer(comparison: RunComparison): Markup {
  const { verdict, doubts } = wordsOf(comparison);
  const [first = '', ...rest] = verdict;
  const items = [
    ...rest.map((text) => html`<li>${text}</li>`),
    ...doubts.map((text) => html`<li class="doubt">${text}</li>`),
  ];
  return html`<section class="lead"><p><strong>${first}</strong></p>
${items.length === 0 ? undefined : html`<ul>${items}</ul>`}</section>`;
}

function variants(comparison: RunComparison): Markup | undefined {
  const { runs, metrics, variants: rows } = comparison;
  if (rows.length === 0) return undefined;
  const several = runs.length > 2;
  const columns = [
    { title: 'variant' },
    ...(several ? [{ title: 'run' }] : []),
    ...metrics.map(({ label }) => ({ title: label })),
  ];
  const bodies = rows.map((variant) => html`<tbody>${rowsOf(variant, comparison, several)}</tbody>`);
  const note = `Each run ÷ ${runs[0].name}, with a 95 % interval; the vertical line is 1, the scale runs from a half to twice, and an arrow goes on. Separate runs share no blocks, so their intervals are wider than those within a run.`;
  return section(
    'Variant by variant',
    html`<div class="compared">${framedTable(columns, html`${bodies}`)}</div><p class="note">${note}</p>`,
  );
}

function rowsOf(variant: ComparedVariant, { runs }: RunComparison, several: boolean): Markup[] {
  const others = runs.slice(1).filter(({ name }) => variant.changes.some(({ run }) => run.name === name));
  return others.map(({ name }, index) => {
    const cells = variant.changes.filter(({ run }) => run.name === name).map((change) => changeCell(change, variant));
    const run = several ? cell({ title: 'run' }, name) : undefined;
    return html`<tr><th scope="row">${index === 0 ? rowName(variant.named) : html`<span class="spoken">${variant.named.label}</span>`}</th>${run}${cells}</tr>`;
  });
}

const CALLS = { differs: 'changed', chance: 'maybe', none: 'same', unknown: 'unknown' } as const;

function changeCell(change: PlacedChange, { named }: ComparedVariant): Markup {
  const title = change.metric.label;
  const call = callOf(change);
  if (change.state === 'unknown')
    return cell({ title }, html`<span class="muted">not compared<small>${change.reason}</small></span>`);
  const { estimate } = change;
  const size = estimate.differs
    ? html`<strong>${intervalText(estimate, { brief: true })} times</strong>${call === 'chance' ? ' (may be chance)' : ''}`
    : html`<span class="muted">no difference found</span>`;
  const would = estimate.differs ? undefined : html`<br>${smallestText(estimate)} would show`;
  const content = html`<div class="change ${CALLS[call]} ${named.look.colour}">${size}<span class="amounts">${amountsText(change.metric, change)}</span>${intervalBar(estimate, named.look)}<small>${intervalText(estimate)}${would}</small></div>`;
  return cell({ title }, content);
}

function curves({ runs, variants: rows }: RunComparison): Markup | undefined {
  const sets = rows.map(
    ({ key, named, groups }, index): CurveSet => ({
      id: `staleness-${index + 1}`,
      title: named.label,
      members: groups.flatMap((group, run) =>
        group === undefined || group.counting.length === 0
          ? []
          : [{ group, subject: runSubject(group, { name: runs[run]?.name ?? key, place: run }) }],
      ),
    }),
  );
  const figures = curvesOf(sets).map(({ title, plot }) => {
    const same = coincidence(plot);
    return html`<figure><h3><bdi>${title}</bdi></h3>${linePlot(plot)}${same === undefined ? undefined : html`<figcaption>${same}</figcaption>`}</figure>`;
  });
  if (figures.length === 0) return undefined;
  const note =
    'Staleness by the share of deliveries that were no staler: the centre of the trials at each percentile, and a band from the lowest to the highest of them; logarithmic. Dashed grey is the baseline.';
  return section('Staleness, overlaid', html`<div class="overlaid">${figures}</div><p class="note">${note}</p>`);
}

const DASHES = ['6 4', '', '2 3', '10 3 2 3'];

/** The baseline in ink, the others in the colour of their transport. */
function runSubject(group: Group, { name, place }: { readonly name: string; readonly place: number }): Subject {
  const own = subjectOf(group);
  return {
    ...own,
    key: `${name} ${own.key}`,
    label: name,
    lines: [name],
    colour: place === 0 ? 'ink' : own.colour,
    dash: DASHES[place % DASHES.length] ?? '',
    hollow: place !== 1,
  };
}

function differences({ differences: rows, runs }: RunComparison): Markup {
  if (rows.length === 0)
    return section(
      'What else differs between the runs',
      html`<p>Nothing that the results tell: settings, scenario, machine and versions are the same.</p>`,
    );
  const columns = [
    {
      title: 'setting',
      cell: ({ name, isCause }: (typeof rows)[number]) => (isCause ? html`<span class="doubt">${name}</span>` : name),
    },
    ...runs.map(({ name }, index) => ({
      title: name,
      cell: ({ values }: (typeof rows)[number]) => html`<bdi>${values[index] ?? ''}</bdi>`,
    })),
    {
      title: 'meaning',
      cell: ({ isCause }: (typeof rows)[number]) => (isCause ? 'differences may come from it' : 'varies by itself'),
    },
  ];
  return section('What else differs between the runs', table(rows, columns));
}

const STATES = { held: 'held', failed: 'failed', undecided: 'not decided' } as const;

function assertions(judgements: readonly Judgement[]): Markup | undefined {
  if (judgements.length === 0) return undefined;
  const columns = [
    { title: 'rule', cell: ({ rule }: Judgement) => html`<code>${rule.text}</code>` },
    { title: 'variant', cell: ({ variant }: Judgement) => html`<bdi>${variant}</bdi>` },
    { title: 'found', cell: ({ text }: Judgement) => text },
    {
      title: 'result',
      cell: ({ state }: Judgement) =>
        state === 'held' ? STATES[state] : html`<strong class="bad">${STATES[state]}</strong>`,
    },
  ];
  return section('Assertions', table(judgements, columns));
}
