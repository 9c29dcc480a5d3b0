import {
  type Ceiling,
  type CeilingPoint,
  isMeasuredPoint,
  type MeasuredPoint,
} from '../../scenarios/result/ceiling.ts';
import { COLOURS } from '../../scenarios/transport-traits.ts';
import { formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import type { LineDataset, LineDrawing } from '../charts/chart.ts';
import { drawnFigure } from '../charts/drawn-figure.ts';
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
  const question = 'How does the rate grow with connections?';
  const caption =
    'Answers in a second, over the connections that asked at the same time. A closed loop: each connection asks again the moment it has an answer, so a slower server is asked less often.';
  return section(question, drawnFigure({ id: 'ceiling', question, caption, drawing: drawingOf(ceiling) }));
}

function drawingOf(ceiling: Ceiling): LineDrawing | string {
  const generators = Object.keys(ceiling.generators);
  const datasets = seriesOf(ceiling).map(({ label, points }): LineDataset => {
    const [first] = points;
    return {
      label,
      data: points.map((point) => ({ x: point.connections, y: rate(point) })),
      look: {
        colour: COLOURS[generators.indexOf(first?.generator ?? '') % COLOURS.length] ?? COLOURS[0],
        light: (first?.waiting ?? 0) > 0,
        marker: (first?.nodes ?? 1) > 1 ? 'rect' : 'circle',
      },
      hollow: false,
      solid: { from: 0, to: Number.MAX_SAFE_INTEGER },
    };
  });
  if (datasets.length === 0) return 'Nothing was measured.';
  const values = distinct(ceiling.points.map(({ connections }) => connections));
  return {
    type: 'line',
    datasets,
    value: { title: 'answers per second', format: 'number', min: 0 },
    along: { title: 'connections', format: 'number', type: 'logarithmic', values },
  };
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
