import { formatDuration } from '../../scenarios/units.ts';
import { type ComparisonColumn, comparisonOf, isUnsupported, UNSUPPORTED_MARK } from '../report/comparison.ts';
import { html, type Markup } from '../html/html.ts';
import { auditText } from '../report/problems.ts';
import type { Report } from '../report/report.ts';
import { hasFaults, isSuspect, type MeasuredRow, type Row } from '../report/rows.ts';
import { supportingMessages } from '../figures/figures.ts';
import { supportText } from '../figures/statistics.ts';
import { distinct } from '../figures/wording.ts';
import { type Column, table } from '../html/table.ts';
import { figureCell, missingText, rowName, section, type Section } from './section.ts';

/** The table that everything else explains. */
export const comparison: Section = (report) =>
  section('Side by side', html`${table(report.rows, columnsOf(report))}${note(report)}`);

const columnsOf = ({ measured }: Report): readonly Column<Row>[] => [
  { title: 'variant', cell: rowName },
  ...comparisonOf(measured).map(
    (column): Column<Row> => ({
      title: column.title,
      number: true,
      cell: (row) => (row.state === 'measured' ? comparedCell(column, row) : '–'),
    }),
  ),
  { title: 'audit', cell: auditCell },
];

function comparedCell(column: ComparisonColumn, row: MeasuredRow): Markup {
  const cell = figureCell(column.figure(row), column.format);
  if (!isUnsupported(column, row)) return cell;
  return html`<span class="muted" title="${supportText(supportingMessages(row.trial))}">${UNSUPPORTED_MARK} ${cell}</span>`;
}

function auditCell(row: Row): Markup | string {
  if (row.state === 'failed') return html`<span class="bad">failed: ${row.trial.message}</span>`;
  const marks = [...(row.trial.partial ? ['partial'] : []), ...(isSuspect(row) ? ['suspect'] : [])];
  const text = [auditText(row.trial.audit), ...marks].join(', ');
  return hasFaults(row) ? html`<span class="bad">${text}</span>` : text;
}

/** A clock coarser than this is worth a word beside latencies of a millisecond. */
const FINE_NS = 1000;

function clockNotes({ result, rows }: Report): string {
  const used = distinct(rows.map(({ trial }) => trial.generator)).flatMap((id) => result.generators[id] ?? []);
  return used
    .filter(({ resolutionNs }) => resolutionNs > FINE_NS)
    .map(({ label, resolutionNs }) => ` ${label} takes staleness with a clock of ${formatDuration(resolutionNs)}.`)
    .join('');
}

function trialNote({ rows }: Report): string {
  return rows.every(({ trial }) => trial.trial === 1)
    ? ' Each variant was measured once: this run cannot tell how much its figures vary by chance.'
    : '';
}

function note(report: Report): Markup {
  const { measured } = report;
  const columns = comparisonOf(measured);
  const unsupported = measured.filter((row) => columns.some((column) => isUnsupported(column, row)));
  const support =
    unsupported.length === 0
      ? ''
      : ` ≈ marks a percentile with fewer than ten messages beyond it: ${distinct(unsupported.map(({ trial }) => supportText(supportingMessages(trial)))).join('; ')}.`;
  return html`<p class="note">Staleness counts from the moment a message was due. A message here is one delivered to one client; bytes are those of both directions.${trialNote(report)}${clockNotes(report)}${support}${missingText(measured.flatMap((row) => columns.map(({ figure }) => figure(row))))}</p>`;
}
