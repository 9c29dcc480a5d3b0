import { METRICS } from '../../scenarios/measures/metrics.ts';
import type { Audit } from '../../scenarios/result/result.ts';
import { counterTotal } from '../figures/figures.ts';
import { AUDIT_COUNTS, auditFigure } from '../report/problems.ts';
import { type MeasuredRow, measuredOf } from '../report/report.ts';
import { html } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import { figureCell, missingText, rowName, section, type Section } from './section.ts';

const LABELS: Readonly<Record<keyof Audit, string>> = {
  subscribers: 'subscribers',
  published: 'published',
  expected: 'expected',
  received: 'received',
  lost: 'lost',
  declaredLost: 'of them declared',
  duplicated: 'duplicated',
  reordered: 'reordered',
  corrupted: 'corrupted',
  foreign: 'foreign',
};

/** What happened to connections and to the nodes' feed, beside the audit. */
const EVENTS = ['slowConsumerCloses', 'unexpectedCloses', 'gapsFilled', 'clockErrors'] as const;

export const audit: Section = ({ all }) => {
  const measured = measuredOf(all);
  if (measured.length === 0) return undefined;
  return section(
    'Did every message arrive, once and in order?',
    html`${table(measured, AUDIT_COLUMNS)}${table(measured, EVENT_COLUMNS)}<p class="note">Every subscriber follows the sequence numbers from the first message on, warm-up included, and checks a CRC-32. Expected is published times subscribers. The second table counts events within the window.${missingText(measured.flatMap(({ trial }) => [...AUDIT_COUNTS.map((key) => auditFigure(trial.audit, key)), ...EVENTS.map((id) => counterTotal(trial, id))]))}</p>`,
  );
};

const AUDIT_COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'variant', cell: rowName },
  ...AUDIT_COUNTS.map(
    (key): Column<MeasuredRow> => ({
      title: LABELS[key],
      number: true,
      cell: ({ trial }) => figureCell(auditFigure(trial.audit, key), countText),
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
