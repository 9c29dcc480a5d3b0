import { type Figure, isAvailable } from '../figures/figure.ts';
import { counterTotal, foreignShare } from '../figures/figures.ts';
import { percentText } from '../figures/wording.ts';
import { html } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import { type MeasuredRow, measuredOf } from '../report/rows.ts';
import { windowNs } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { figureCell, missingText, rowName, section, type Section, variantKeyOf } from './section.ts';

/** What else the machine did while a trial was measured: there stands why it is suspect, or that nothing was. */
export const surroundings: Section = ({ rows }) => {
  const measured = measuredOf(rows);
  if (measured.length === 0) return undefined;
  const missing = missingText(measured.flatMap((row) => MEASURES.map(({ of }) => of(row))));
  return section(
    'What else did the machine do?',
    html`<p>${mostText(measured)}</p><details><summary>Trial by trial</summary>${table(measured, COLUMNS, variantKeyOf)}</details><p class="note">Over the window; other programs as a share of the cores that the trial ran on, stolen and held back as a share of one core; an edge of the window that is read late counts what comes after it.${missing}</p>`,
  );
};

const NOT_KEPT = { reason: 'this version of the result file did not keep it' };

interface Measure {
  readonly title: string;
  readonly say: (text: string) => string;
  readonly of: (row: MeasuredRow) => Figure;
  readonly format: (value: number) => string;
}

const MEASURES: readonly Measure[] = [
  {
    title: 'other programs',
    say: (text) => `other programs had ${text}`,
    of: ({ trial }) => foreignShare(trial),
    format: percentText,
  },
  {
    title: 'stolen by the hypervisor',
    say: (text) => `the hypervisor stole ${text}`,
    of: (row) => lostShare(row, 'stolenTime'),
    format: percentText,
  },
  {
    title: 'held back by a quota',
    say: (text) => `a quota held back ${text}`,
    of: (row) => lostShare(row, 'throttledTime'),
    format: percentText,
  },
  {
    title: 'latest edge',
    say: (text) => `an edge was read ${text} late`,
    of: latestEdgeNs,
    format: formatDuration,
  },
  {
    title: 'other runs of feedbench',
    say: (text) => `${text} other runs of feedbench`,
    of: otherRuns,
    format: String,
  },
];

/** What there was, of each the most; what was nought in all trials goes without saying. */
function mostText(measured: readonly MeasuredRow[]): string {
  const most = MEASURES.flatMap(({ say, of, format }) => {
    const text = format(Math.max(0, ...measured.map(of).filter((figure) => isAvailable(figure))));
    return text === format(0) ? [] : [say(text)];
  });
  return most.length === 0 ? 'Nothing that was seen.' : `At most, in any trial: ${most.join('; ')}.`;
}

const COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'trial', cell: rowName },
  ...MEASURES.map(
    ({ title, of, format }): Column<MeasuredRow> => ({
      title,
      number: true,
      cell: (row) => figureCell(of(row), format),
    }),
  ),
];

function lostShare({ trial }: MeasuredRow, id: 'stolenTime' | 'throttledTime'): Figure {
  const lostNs = counterTotal(trial, id);
  return isAvailable(lostNs) ? lostNs / windowNs(trial) : lostNs;
}

function latestEdgeNs({ trial: { machine, window } }: MeasuredRow): Figure {
  const edges = [window.firstBin, window.endBin].flatMap((edge) => machine?.edgeLatenessNs[edge] ?? []);
  return edges.length === 0 ? NOT_KEPT : Math.max(...edges);
}

function otherRuns({ trial: { machine } }: MeasuredRow): Figure {
  return machine === null
    ? NOT_KEPT
    : (machine.otherRuns?.length ?? { reason: 'processes of others cannot be seen here' });
}
