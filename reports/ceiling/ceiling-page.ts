import {
  type Ceiling,
  type CeilingPoint,
  isMeasuredPoint,
  type MeasuredPoint,
} from '../../scenarios/result/ceiling.ts';
import { formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import { type Line, linePlot } from '../charts/line-plot.ts';
import { linearScale, type Scale } from '../charts/scale.ts';
import { settingLook } from '../report/rows.ts';
import { html, type Markup } from '../html/html.ts';
import { chartScripts, renderDocument } from '../html/document.ts';
import { type Column, table } from '../html/table.ts';
import { section } from '../sections/section.ts';
import { countOf, distinct, listOf, momentText } from '../figures/wording.ts';

/** The report of a ceiling as one self-contained HTML file. */
export function renderCeilingPage(ceiling: Ceiling): string {
  const { startedAt, points, plannedPoints, partial } = ceiling;
  const count = partial ? `${points.length} of ${plannedPoints} points, partial` : countOf(points.length, 'point');
  const body = html`<header><h1>The polling door’s ceiling</h1>
<p class="subtitle">How many polls a second can it answer, when clients ask again the moment they have an answer?</p>
<p>${momentText(startedAt)} · ${count} · <a href="../index.html">all runs</a></p></header>
${failures(ceiling)}${lead(ceiling)}${curve(ceiling)}${section('Point by point', table(points, columnsOf(ceiling)))}${notes(ceiling)}`;
  return renderDocument({ title: `feedbench: ceiling, ${momentText(startedAt)}`, body, scripts: chartScripts() });
}

function failures({ points }: Ceiling): Markup | undefined {
  const items = points.flatMap((point) =>
    point.state === 'failed'
      ? [html`<li>${settingText(point)}, ${point.connections} connections: ${point.message}</li>`]
      : [],
  );
  return items.length === 0 ? undefined : html`<div class="problems" role="note"><ul>${items}</ul></div>`;
}

/** The highest of each generator and setting, in words. */
function lead(ceiling: Ceiling): Markup {
  const clauses = seriesOf(ceiling).map(({ label, points }) => {
    const best = points.toSorted((a, b) => rate(b) - rate(a))[0];
    return best === undefined
      ? ''
      : `${significant(rate(best))} a second (${label}, ${countOf(best.connections, 'connection')})`;
  });
  const text = clauses.length === 0 ? 'Nothing could be measured.' : `At most, the door answered ${listOf(clauses)}.`;
  return html`<section class="lead"><p>${text}</p></section>`;
}

interface Series {
  readonly label: string;
  readonly points: readonly MeasuredPoint[];
}

function seriesOf(ceiling: Ceiling): Series[] {
  const usable = ceiling.points.filter(isMeasuredPoint);
  const labelOf = (point: CeilingPoint): string =>
    `${ceiling.generators[point.generator] ?? point.generator}, ${settingText(point)}`;
  return distinct(usable.map(labelOf)).map((label) => ({
    label,
    points: usable.filter((point) => labelOf(point) === label),
  }));
}

function settingText({ backplane, nodes, waiting }: CeilingPoint): string {
  return `${backplane} × ${nodes}, ${waiting === 0 ? 'empty answers' : countOf(waiting, 'message')}`;
}

function rate({ answers, windowNs }: MeasuredPoint): number {
  return (answers * NS_PER_SECOND) / windowNs;
}

function curve(ceiling: Ceiling): Markup {
  const caption =
    'Answers in a second, over the connections that asked at the same time. A closed loop: each connection asks again the moment it has an answer, so a slower server is asked less often. The numbers are in the table below.';
  return section(
    'How does the rate grow with connections?',
    html`<figure>${plot(ceiling)}<output class="read"></output><figcaption>${caption}</figcaption></figure>`,
  );
}

function plot(ceiling: Ceiling): Markup {
  const at = distinct(ceiling.points.map(({ connections }) => connections)).toSorted((a, b) => a - b);
  const lines = linesOf(ceiling, at);
  const [least, most] = [at[0], at.at(-1)];
  if (lines.length === 0 || least === undefined || most === undefined) return html`<p>Nothing was measured.</p>`;
  const ticks = at.map((value) => ({ value, text: countOf(value, 'connection').replace(/ .*/, ''), level: 0 }));
  const x: Scale = { type: 'logarithmic', min: least, max: Math.max(most, least * 2), ticks };
  return linePlot({
    id: 'ceiling',
    label: 'Answers in a second over connections. The numbers are in the table below.',
    x,
    y: linearScale(
      lines.flatMap(({ values }) => values.filter((value) => value !== null)),
      significant,
    ),
    at,
    marks: at,
    lines,
    heightPx: 280,
    texts: {
      at: (connections) => countOf(connections, 'connection'),
      value: (perSecond) => `${significant(perSecond)} a second`,
    },
  });
}

/** One transport has one look: generators and settings are told apart by dash, hollow shape and name. */
function linesOf(ceiling: Ceiling, at: readonly number[]): Line[] {
  return seriesOf(ceiling).map(({ label, points }, index) => ({
    subject: {
      key: label,
      label,
      lines: label.split(', '),
      colour: 'vermillion',
      shape: 'circle',
      ...settingLook(index),
    },
    values: at.map((connections) => {
      const point = points.find((one) => one.connections === connections);
      return point === undefined ? null : rate(point);
    }),
    solid: { from: 0, to: Number.MAX_SAFE_INTEGER },
  }));
}

function columnsOf({ generators }: Ceiling): readonly Column<CeilingPoint>[] {
  return [
    { title: 'generator', cell: ({ generator }) => generators[generator] ?? generator },
    { title: 'nodes', cell: ({ backplane, nodes }) => `${backplane} × ${nodes}` },
    { title: 'messages waiting', number: true, cell: ({ waiting }) => waiting },
    { title: 'connections', number: true, cell: ({ connections }) => connections.toLocaleString('en-US') },
    { title: 'answers per second', number: true, cell: measured((point) => significant(rate(point))) },
    { title: 'latency p50', number: true, cell: measured(({ latency }) => formatDuration(latency.p50Ns)) },
    { title: 'p99', number: true, cell: measured(({ latency }) => formatDuration(latency.p99Ns)) },
    {
      title: 'server CPU per answer',
      number: true,
      cell: measured(({ serverCpuNs, answers }) => share(serverCpuNs, answers)),
    },
    {
      title: 'generator CPU per answer',
      number: true,
      cell: measured(({ generatorCpuNs, answers }) => share(generatorCpuNs, answers)),
    },
    { title: 'server busy', number: true, cell: measured(({ serverCpuNs, windowNs }) => cores(serverCpuNs, windowNs)) },
    {
      title: 'generator busy',
      number: true,
      cell: measured(({ generatorCpuNs, windowNs }) => cores(generatorCpuNs, windowNs)),
    },
    { title: 'errors', number: true, cell: measured(({ errors }) => errors.toLocaleString('en-US')) },
  ];
}

function measured(cell: (point: MeasuredPoint) => string): (point: CeilingPoint) => string {
  return (point) => (point.state === 'measured' ? cell(point) : '–');
}

function share(cpuNs: number, answers: number): string {
  return answers === 0 ? 'n/a' : formatDuration(cpuNs / answers);
}

function cores(cpuNs: number, windowNs: number): string {
  return `${((100 * cpuNs) / windowNs).toFixed(0)} %`;
}

function notes({ unavailable, command, environment, headers }: Ceiling): Markup {
  const items = unavailable.map((reason) => html`<li>${reason}</li>`);
  const facts = Object.entries(environment).map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value === null ? 'not known' : String(value)}</dd>`,
  );
  return html`<section><p class="note">Busy is a share of one core. Where the generator is busier than the server, the ceiling is the generator’s.</p></section>
${items.length === 0 ? undefined : section('What was not measured', html`<ul>${items}</ul>`)}${section('How to run it again', html`<dl><dt>command</dt><dd><code>${command}</code></dd><dt>headers of clients</dt><dd>${headers}</dd></dl>`)}${section('Where it ran', html`<dl>${facts}</dl>`)}`;
}
