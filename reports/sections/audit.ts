import { METRICS } from '../../scenarios/measures/metrics.ts';
import { AUDIT_COUNT_IDS, AUDIT_COUNTS } from '../../scenarios/result/audit-counts.ts';
import { counterTotal } from '../figures/figures.ts';
import { auditFigure } from '../report/problems.ts';
import { type MeasuredRow, measuredOf } from '../report/rows.ts';
import { html } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import { figureCell, missingText, rowName, section, type Section } from './section.ts';

/** What happened to connections and to the nodes' feed, beside the audit. */
const EVENTS = ['slowConsumerCloses', 'unexpectedCloses', 'reconnects', 'gapsFilled', 'clockErrors'] as const;

export const audit: Section = ({ all }) => {
  const measured = measuredOf(all);
  if (measured.length === 0) return undefined;
  return section(
    'Did every message arrive, once and in order?',
    html`${table(measured, AUDIT_COLUMNS)}${table(measured, EVENT_COLUMNS)}<p class="note">Every subscriber holds each message against the schedule, from the first on, warm-up included: number, due time and, where it looks at them, checksum and data. Expected is published times subscribers; a misplaced message is an intact one that is not what the schedule has under its number. Where clients get the newest of each key, what was left out for a newer one that came in time is no loss. The second table counts events within the window.${missingText(measured.flatMap(({ trial }) => [...AUDIT_COUNT_IDS.map((id) => auditFigure(trial.audit, id)), ...EVENTS.map((id) => counterTotal(trial, id))]))}</p>`,
  );
};

const AUDIT_COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'variant', cell: rowName },
  ...AUDIT_COUNT_IDS.map(
    (id): Column<MeasuredRow> => ({
      title: AUDIT_COUNTS[id].label,
      number: true,
      cell: ({ trial }) => figureCell(auditFigure(trial.audit, id), countText),
    }),
  ),
];

const EVENT_COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'variant', cell: rowName },
  ...EVENTS.map(
    (id): Column<MeasuredRow> => ({
      title: METRICS[id].label,
      number: true,
      cell: ({ trial }) => figureCell(counterTotal(trial, id), countText),
    }),
  ),
];

function countText(value: number): string {
  return value.toLocaleString('en-US');
}
