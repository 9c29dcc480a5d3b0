import { isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { METRICS } from '../../scenarios/measures/metrics.ts';
import { formatDuration } from '../../scenarios/units.ts';
import type { Figure } from '../figures/figure.ts';
import { counterTotal, latencyFigure, latencyOf } from '../figures/figures.ts';
import { html } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import { auditFigure } from '../report/audit-words.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { figureCell, missingText, rowName, section, type Section, variantKeyOf } from './section.ts';

/** What clients say: how much of it, how soon they know that it arrived, and who is said to be online. */
export const upstream: Section = ({ result, measured }) => {
  if (!isSaidByClients(result.workload.feed) || measured.length === 0) return undefined;
  return section(
    'What do clients say, and do they know that it arrived?',
    html`${table(measured, COLUMNS, variantKeyOf)}<p class="note">Over the window. A client says a message when it is due by the schedule, late or not; it is acknowledged when the client has the answer that it is in the log, with its number. The median from said to acknowledged has the way up, the step that numbers, and the way back in it. What nobody answered or a server refused is of all of the trial, and fails its audit.${missingText(measured.flatMap((row) => SAID.map(({ of }) => of(row))))}</p>`,
  );
};

interface Said {
  readonly title: string;
  readonly of: (row: MeasuredRow) => Figure;
  readonly format: (value: number) => string;
}

const count = (value: number): string => value.toLocaleString('en-US');

const SAID: readonly Said[] = [
  ...(['published', 'acknowledged', 'saidAgain', 'otherCommands', 'signals'] as const).map((id) => ({
    title: METRICS[id].label,
    of: ({ trial }: MeasuredRow) => counterTotal(trial, id),
    format: count,
  })),
  ...(['p50Ns', 'p99Ns'] as const).flatMap((field) =>
    (['lateness', 'acknowledgement'] as const).map((id) => ({
      title: `${METRICS[id].label} ${field.slice(0, 3)}`,
      of: ({ trial }: MeasuredRow) => latencyFigure(latencyOf(trial, id), field),
      format: formatDuration,
    })),
  ),
  ...(['unanswered', 'refused'] as const).map((id) => ({
    title: id,
    of: ({ trial }: MeasuredRow) => auditFigure(trial.audit, id),
    format: count,
  })),
];

const COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'trial', cell: rowName },
  ...SAID.map(
    ({ title, of, format }): Column<MeasuredRow> => ({
      title,
      number: true,
      cell: (row) => figureCell(of(row), format),
    }),
  ),
];
