import { COMPARISON, isUnsupported, UNSUPPORTED_MARK } from '../comparison.ts';
import { html, type Markup } from '../page/html.ts';
import { auditText } from '../problems.ts';
import { hasFaults, isSuspect, type MeasuredRow, type Report, type Row } from '../report.ts';
import { isSupported, supportText } from '../statistics.ts';
import { type Column, figureCell, rowName, section, type Section, table } from './section.ts';

/** The table that everything else explains. */
export const comparison: Section = (report) =>
  section('Side by side', html`${table(report.rows, COLUMNS)}${note(report)}`);

const COLUMNS: readonly Column<Row>[] = [
  { title: 'variant', cell: rowName },
  ...COMPARISON.map(
    (column): Column<Row> => ({
      title: column.title,
      number: true,
      cell: (row) => (row.state === 'measured' ? comparedCell(column, row) : '–'),
    }),
  ),
  { title: 'audit', cell: auditCell },
];

function comparedCell(column: (typeof COMPARISON)[number], row: MeasuredRow): Markup {
  const cell = figureCell(column.figure(row), column.format);
  if (!isUnsupported(column, row)) return cell;
  return html`<span class="muted" title="${supportText(row.trial.dueInWindow)}">${UNSUPPORTED_MARK} ${cell}</span>`;
}

function auditCell(row: Row): Markup | string {
  if (row.state === 'failed') return html`<span class="bad">failed: ${row.trial.message}</span>`;
  const marks = [...(row.trial.partial ? ['partial'] : []), ...(isSuspect(row) ? ['suspect'] : [])];
  const text = [auditText(row.trial.audit), ...marks].join(', ');
  return hasFaults(row) ? html`<span class="bad">${text}</span>` : text;
}

function note({ measured }: Report): Markup {
  const unsupported = measured.find(({ trial }) => !isSupported(99, trial.dueInWindow));
  const support =
    unsupported === undefined
      ? ''
      : ` ≈ marks a percentile with fewer than ten messages beyond it: ${supportText(unsupported.trial.dueInWindow)}.`;
  return html`<p class="note">Staleness counts from the moment a message was due. A message here is one delivered to one client; bytes are those of both directions.${support}</p>`;
}
