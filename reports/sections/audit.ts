import { isAddressed, isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { METRICS } from '../../scenarios/measures/metrics.ts';
import { AUDIT_COUNT_IDS, AUDIT_COUNTS, auditFaults } from '../../scenarios/result/audit-counts.ts';
import { type Figure, isAvailable, sum } from '../figures/figure.ts';
import { counterTotal } from '../figures/figures.ts';
import { countOf } from '../figures/wording.ts';
import { html, type Markup } from '../html/html.ts';
import { type Column, table } from '../html/table.ts';
import { auditFigure } from '../report/audit-words.ts';
import type { Report } from '../report/report.ts';
import { type MeasuredRow, measuredOf } from '../report/rows.ts';
import { figureCell, missingText, rowName, section, type Section, variantKeyOf } from './section.ts';

/** What happened to connections and to the nodes' feed, beside the audit. */
const EVENTS = ['slowConsumerCloses', 'unexpectedCloses', 'reconnects', 'gapsFilled', 'clockErrors'] as const;

interface Count {
  readonly title: string;
  readonly of: (row: MeasuredRow) => Figure;
}

const AUDITED = AUDIT_COUNT_IDS.map(
  (id): Count => ({ title: AUDIT_COUNTS[id].label, of: ({ trial }) => auditFigure(trial.audit, id) }),
);
const SEEN = EVENTS.map((id): Count => ({ title: METRICS[id].label, of: ({ trial }) => counterTotal(trial, id) }));

/** A sentence where all is well; where it is not, the trials in which something was not as it should be. */
export const audit: Section = (report) => {
  const measured = measuredOf(report.all);
  if (measured.length === 0) return undefined;
  const notable = measured.filter((row) => auditFaults(row.trial.audit) > 0 || SEEN.some(({ of }) => isSome(of(row))));
  const columns = [...AUDITED, ...SEEN].filter(({ of }) => measured.some((row) => isSome(of(row))));
  return section(
    'Did every message arrive, once and in order?',
    html`<p>${outcome(measured)}</p>${notable.length === 0 ? undefined : countTable(notable, columns)}${everyTrial(measured, columns)}<p class="note">Every subscriber holds each message against the schedule, from the first on, warm-up included: number, due time and, where it looks at them, checksum and data. ${expectedText(report)} A misplaced message is an intact one that is not what the schedule has under its number. Where clients get the newest of each key, what was left out for a newer one that came in time is no loss. A count that is missing was nought in every trial; what is no part of the audit was counted within the window.${missingText([...AUDITED, ...SEEN].flatMap(({ of }) => measured.map(of)))}</p>`,
  );
};

function expectedText({ result }: Report): string {
  const { feed } = result.workload;
  if (!isAddressed(feed)) return 'Expected is published times subscribers.';
  return isSaidByClients(feed)
    ? 'Each follows what every sender says in every channel that it is in, by the sender’s own numbers there, whether or not a server ever numbered it; where it joins and leaves meanwhile, the numbers in the answers bound what it is to get. At moments when nobody comes or goes, every node must say who is connected.'
    : 'Each follows what is for it: of the publisher’s messages those of its own channel and of its rooms, by their numbers there, and nothing else may come.';
}

function isSome(figure: Figure): boolean {
  return isAvailable(figure) && figure > 0;
}

function outcome(measured: readonly MeasuredRow[]): string {
  const total = (id: 'expected' | 'received'): string =>
    sum(measured.map(({ trial }) => trial.audit[id])).toLocaleString('en-US');
  const faulty = measured.filter(({ trial }) => auditFaults(trial.audit) > 0).length;
  const said = faulty === 0 ? 'Yes, in each of' : `Not in ${faulty} of`;
  return `${said} ${countOf(measured.length, 'trial')}: ${total('expected')} messages expected, ${total('received')} received.`;
}

function countTable(rows: readonly MeasuredRow[], counts: readonly Count[]): Markup {
  const columns = counts.map(
    ({ title, of }): Column<MeasuredRow> => ({ title, number: true, cell: (row) => figureCell(of(row), countText) }),
  );
  return table(rows, [{ title: 'trial', cell: rowName }, ...columns], variantKeyOf);
}

function everyTrial(measured: readonly MeasuredRow[], counts: readonly Count[]): Markup {
  return html`<details><summary>What was counted in each trial</summary>${countTable(measured, counts)}</details>`;
}

function countText(value: number): string {
  return value.toLocaleString('en-US');
}
