import { faultInWords } from '../../scenarios/faults.ts';
import { endInWords } from '../../scenarios/session-end.ts';
import { formatDuration, significant } from '../../scenarios/units.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import { comebackCurve } from '../charts/comeback-curve.ts';
import { linePlot } from '../charts/line-plot.ts';
import { drawnGroups } from '../charts/subject.ts';
import { disruptionsOf, type DisruptionFigures, lengthText } from '../figures/disruptions.ts';
import { sum } from '../figures/figure.ts';
import { goneText } from '../figures/gone-texts.ts';
import { countOf, distinct, listOf } from '../figures/wording.ts';
import { html, type Markup } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import type { Group } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { rowName, section, type Section } from './section.ts';

interface Line {
  readonly group: Group;
  /** Which of the faults it is. */
  readonly index: number;
  readonly figures: DisruptionFigures;
}

/** Who was dropped when something was made to happen to the servers, who came back and how soon, and what was missed. */
export const disruption: Section = (report) => {
  const lines = linesOf(report);
  if (lines.length === 0) return undefined;
  const byFault = Map.groupBy(lines, ({ index }) => index);
  const parts = [...byFault].map(([index, own]) => episode(report, own, index));
  return section('Who came back, and how soon?', html`${parts}<p class="note">${NOTE}</p>`);
};

const NOTE =
  'Times count from the fault; of several trials the middle one is shown, share by share. Connected: the client has a session again. Caught up: it has every message that was due before that. Connects a second are those of the tenth of a second with the most of them. Simulated: what the policy alone would make of so many clients, where a try costs no time and a server takes all of them. Oldest missed: how old the oldest message was, of those due while a client was away, when it came. Clients that poll learn of a death by their next poll.';

function linesOf(report: Report): Line[] {
  return drawnGroups(report).flatMap((group) =>
    disruptionsOf(group.counting.map(({ trial }) => trial)).map((figures, index) => ({ group, index, figures })),
  );
}

function episode(report: Report, lines: readonly Line[], index: number): Markup {
  const curves = (['connectedNs', 'caughtUpNs'] as const).flatMap((id) => {
    const plot = comebackCurve(id, drawnGroups(report), index);
    return plot === undefined ? [] : [html`<figure><h3>${TITLES[id]}</h3>${linePlot(plot)}</figure>`];
  });
  const plots =
    curves.length === 0 ? undefined : html`<div class="plots">${curves}</div><output class="read"></output>`;
  const gone = lines.flatMap(({ group }) => {
    const text = goneText(
      group.counting.map(({ trial }) => trial),
      index,
    );
    return text === undefined ? [] : [html`<p>${group.label}: ${text}</p>`];
  });
  return html`<p>${whatHappened(lines)}</p>${gone}${plots}${table(lines, TIMES, ({ group }) => group.key)}${table(lines, COUNTS, ({ group }) => group.key)}`;
}

const TITLES = { connectedNs: 'Connected again', caughtUpNs: 'Caught up' } as const;

function whatHappened(lines: readonly Line[]): string {
  const said = distinct(
    lines.map(({ group, figures }) => {
      const nodes = nodesOf(group.counting[0]?.trial.variant ?? NOBODY);
      return `${faultInWords(figures.fault, nodes)}${lengthText(figures)}`;
    }),
  );
  const dropped = sum(lines.map(({ figures }) => figures.dropped));
  const gone = sum(lines.map(({ figures }) => figures.neverBack));
  const fate = gone === 0 ? 'all of them came back' : `${gone.toLocaleString('en-US')} of them never came back`;
  const what = `${listOf(said)}, counted from the end of the warm-up.`;
  const head = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
  return dropped === 0
    ? `${head} No client was dropped.`
    : `${head} ${countOf(dropped, 'connection')} ended in all trials together, and ${fate}.`;
}

const NOBODY = { transport: '', backplane: '', values: {} };

const NAME: Column<Line> = { title: 'variant', cell: ({ group }) => rowName(group) };

const TIMES: readonly Column<Line>[] = [
  NAME,
  ...([50, 95, 99, 100] as const).map(
    (percent): Column<Line> => ({
      title: `${percent} % connected`,
      number: true,
      cell: ({ figures }) => timeText(figures, figures.connectedNs[percent]),
    }),
  ),
  ...([50, 95, 99, 100] as const).map(
    (percent): Column<Line> => ({
      title: `${percent} % caught up`,
      number: true,
      cell: ({ figures }) => timeText(figures, figures.caughtUpNs[percent]),
    }),
  ),
];

const COUNTS: readonly Column<Line>[] = [
  NAME,
  { title: 'dropped', number: true, cell: ({ figures }) => figures.dropped.toLocaleString('en-US') },
  { title: 'never back', number: true, cell: ({ figures }) => figures.neverBack.toLocaleString('en-US') },
  { title: 'tries each', number: true, cell: ({ figures }) => significant(figures.triesEach) },
  {
    title: 'most connects/s',
    number: true,
    cell: ({ figures }) => Math.round(figures.mostConnectsPerSecond).toLocaleString('en-US'),
  },
  { title: 'simulated', cell: ({ figures }) => simulatedText(figures) },
  {
    title: 'oldest missed',
    number: true,
    cell: ({ figures }) => (figures.oldestMissedNs === null ? 'none' : formatDuration(figures.oldestMissedNs)),
  },
  {
    title: 'lost in all',
    number: true,
    cell: ({ group }) => sum(group.counting.map(({ trial }) => trial.audit.lost)).toLocaleString('en-US'),
  },
  {
    title: 'how connections ended',
    cell: ({ figures }) =>
      figures.ends.map(({ end, count }) => `${endInWords(end)}: ${count.toLocaleString('en-US')}`).join('; '),
  },
];

function timeText({ dropped }: DisruptionFigures, timeNs: number | null | undefined): string {
  if (dropped === 0) return 'none was gone';
  return timeNs === null || timeNs === undefined ? 'never' : formatDuration(timeNs);
}

function simulatedText({ simulated }: DisruptionFigures): string {
  if (simulated === undefined) return '';
  const all = simulated.connectedNs.at(-1) ?? null;
  const rate = `${Math.round(simulated.mostPerSecond).toLocaleString('en-US')}/s`;
  return all === null ? rate : `${rate}, 100 % after ${formatDuration(all)}`;
}
