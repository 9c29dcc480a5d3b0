import type { Figure } from '../figures/figure.ts';
import { counterTotal, foreignShare } from '../figures/figures.ts';
import { percentText } from '../figures/wording.ts';
import { html } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { windowNs } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { figureCell, missingText, rowName, section, type Section } from './section.ts';

/** What else the machine did while a trial was measured: there stands why it is suspect, or that nothing was. */
export const surroundings: Section = ({ measured }) => {
  if (measured.length === 0) return undefined;
  const missing = missingText(
    measured.flatMap(({ trial }) => [foreignShare(trial), ...LOST.map((id) => counterTotal(trial, id))]),
  );
  return section(
    'What else did the machine do?',
    html`${table(measured, COLUMNS)}<p class="note">Over the window; other programs as a share of the cores that the trial ran on, stolen and held back as a share of one core; an edge of the window that is read late counts what comes after it.${missing}</p>`,
  );
};

const LOST = ['stolenTime', 'throttledTime'] as const;
const NOT_KEPT = { reason: 'this version of the result file did not keep it' };

const COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'variant', cell: rowName },
  { title: 'other programs', number: true, cell: ({ trial }) => figureCell(foreignShare(trial), percentText) },
  { title: 'stolen by the hypervisor', number: true, cell: (row) => lostCell(row, 'stolenTime') },
  { title: 'held back by a quota', number: true, cell: (row) => lostCell(row, 'throttledTime') },
  { title: 'latest edge', number: true, cell: (row) => figureCell(latestEdgeNs(row), formatDuration) },
  { title: 'other runs of feedbench', number: true, cell: (row) => figureCell(otherRuns(row), String) },
];

function lostCell({ trial }: MeasuredRow, id: (typeof LOST)[number]): ReturnType<typeof figureCell> {
  return figureCell(counterTotal(trial, id), (lostNs) => percentText(lostNs / windowNs(trial)));
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
