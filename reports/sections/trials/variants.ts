import { isMeasured } from '../../../scenarios/result/result.ts';
import { nodesOf, type Variant } from '../../../scenarios/variant.ts';
import { formatDuration } from '../../../scenarios/units.ts';
import type { Figure } from '../../figures/figure.ts';
import { sharedCoreText } from '../../figures/shared-cores.ts';
import { countOf, distinct, listOf } from '../../figures/wording.ts';
import { html, type Markup } from '../../html/html.ts';
import { mark } from '../../html/mark.ts';
import { cell, framedTable, groupAttribute } from '../../html/table.ts';
import type { Group } from '../../report/groups.ts';
import { groupRemarks, type Remark, trialRemarks } from '../../report/remarks.ts';
import { headlineMetrics, rankingOf } from '../../report/ratios.ts';
import type { Report } from '../../report/report.ts';
import type { Row } from '../../report/rows.ts';
import { missingText, section, type Section } from '../section.ts';
import { columnsOf, constantsText, supportNote, unrankedText, type VariantColumn } from './variant-columns.ts';

/** The table that everything else explains: a row a variant, under which its trials unfold. */
export const variants: Section = (report) => {
  const groups = report.groups.filter(({ isCopy }) => !isCopy);
  if (groups.length === 0) return undefined;
  const columns = columnsOf(report, groups);
  const head = [{ title: 'variant' }, ...columns];
  const bodies = placesOf(groups).map(
    ({ name, of }) => html`${placeRow(name, head.length)}${of.map((group) => body(group, columns))}`,
  );
  return section('Every variant, every trial', html`${framedTable(head, html`${bodies}`)}${note(report, groups)}`);
};

interface Place {
  /** Undefined where all variants ran in one. */
  readonly name: string | undefined;
  readonly of: readonly Group[];
}

function fewestNodes(groups: readonly Group[]): number {
  return Math.min(...groups.flatMap(({ rows }) => rows.map(({ trial }) => nodesOf(trial.variant))));
}

function onceText(counts: readonly number[]): string {
  return counts.length === 0 ? 'No variant could be measured.' : 'Each variant was measured once.';
}

/** Variants that ran in the same place stand together, those on the fewest nodes first. */
function placesOf(groups: readonly Group[]): Place[] {
  const byPlace = [...Map.groupBy(groups, ({ lines }) => lines[1] ?? '')];
  if (byPlace.length < 2) return [{ name: undefined, of: groups }];
  return byPlace
    .toSorted(([, a], [, b]) => fewestNodes(a) - fewestNodes(b))
    .map(([, of]) => ({ name: placeText(of), of }));
}

/** `3 nodes over redis: its 3 nodes and Redis shared core 0`. */
function placeText(groups: readonly Group[]): string {
  const trials = groups.flatMap(({ rows }) => rows.map(({ trial }) => trial));
  const places = distinct(trials.map(({ variant }) => whereText(variant)));
  const shared = distinct(trials.filter(isMeasured).flatMap((trial) => sharedCoreText(trial) ?? []));
  return [listOf(places), ...shared.map((text) => text.replace(/^its /, ''))].join('; ');
}

function whereText(variant: Variant): string {
  const nodes = nodesOf(variant);
  return nodes === 1 ? `one node, ${variant.backplane}` : `${countOf(nodes, 'node')} over ${variant.backplane}`;
}

function placeRow(name: string | undefined, columns: number): Markup | undefined {
  if (name === undefined) return undefined;
  return html`<tbody><tr class="group"><th scope="rowgroup" colspan="${columns}">${name}</th></tr></tbody>
`;
}

function body(group: Group, columns: readonly VariantColumn[]): Markup {
  const cells = columns.map((column) => cell(column, column.ofGroup(group)));
  const trials = group.rows.length < 2 ? [] : group.rows.map((row) => trialRow(group, row, columns));
  return html`<tbody${groupAttribute(group.key)}><tr><th scope="row">${groupName(group)}</th>${cells}</tr>
${trials}</tbody>
`;
}

/** Without the place, which stands above. */
function groupName(group: Group): Markup {
  const { look, lines, rows } = group;
  const [transport = '', place = '', ...rest] = lines;
  const name = [transport, ...rest].join(', ');
  const trials =
    rows.length < 2 ? undefined : html`<details><summary>${countOf(rows.length, 'trial')}</summary></details>`;
  return html`${mark(look)}<bdi>${name}</bdi><span class="spoken">, ${place}</span>${remarksLine(groupRemarks(group))}${trials}`;
}

function trialRow(group: Group, row: Row, columns: readonly VariantColumn[]): Markup {
  const name = `trial ${row.trial.trial}`;
  if (row.state === 'failed') {
    return html`<tr class="trial"><th scope="row">${name}</th><td colspan="${columns.length}">${remarksLine(trialRemarks(group, row))}</td></tr>
`;
  }
  const cells = columns.map((column) => cell(column, column.ofTrial(row)));
  return html`<tr class="trial"><th scope="row">${name}${remarksLine(trialRemarks(group, row))}</th>${cells}</tr>
`;
}

const REMARK_CLASSES: Readonly<Record<Remark['kind'], string>> = { doubt: 'doubt', wrong: 'bad', fact: 'muted' };

function remarksLine(remarks: readonly Remark[]): Markup | undefined {
  if (remarks.length === 0) return undefined;
  const items = remarks.map(
    ({ kind, text }, index) => html`${index > 0 ? ', ' : ''}<span class="${REMARK_CLASSES[kind]}">${text}</span>`,
  );
  return html`<small class="remarks">${items}</small>`;
}

function note(report: Report, groups: readonly Group[]): Markup {
  const columns = columnsOf(report, groups);
  const counts = distinct(groups.map(({ counting }) => counting.length).filter((count) => count > 0));
  const several = counts.some((count) => count > 1);
  const sentences = [
    several
      ? `Each figure is the geometric mean of its ${trialCounts(counts)}; below it the lowest and the highest, where they do not round to it.`
      : onceText(counts),
    'Staleness counts from the moment a message was due. A message here is one delivered to one client; bytes are those of both directions; CPU has the idle time of the servers in it.',
    rankingNote(report, several),
    constantsText(groups),
    clocksText(report),
    supportNote(columns, groups),
  ];
  const missing = groups.flatMap((group) => columns.map(({ figureOf }): Figure => figureOf(group)));
  return html`<p class="note">${sentences.filter((text) => text !== '').join(' ')}${missingText(missing)}</p>`;
}

function rankingNote(report: Report, several: boolean): string {
  const isRanked = headlineMetrics(report).some((metric) => rankingOf(report, metric).state === 'ranked');
  const words = isRanked
    ? `Bold: the best, and what no difference to the best was found of. ×: how much it is of the best${several ? ', with the interval that holds for the whole column in 95 of 100 campaigns' : ''}.`
    : '';
  return [words, unrankedText(report)].filter((text) => text !== '').join(' ');
}

function trialCounts(counts: readonly number[]): string {
  const sorted = counts.toSorted((a, b) => a - b);
  const [fewest = 0, most = 0] = [sorted[0], sorted.at(-1)];
  return fewest === most ? countOf(most, 'trial') : `${fewest} to ${countOf(most, 'trial')}`;
}

/** A clock coarser than this is worth a word beside latencies of a millisecond. */
const FINE_NS = 1000;

function clocksText({ result, rows }: Report): string {
  const used = distinct(rows.map(({ trial }) => trial.generator)).flatMap((id) => result.generators[id] ?? []);
  const coarse = used.filter(({ resolutionNs }) => resolutionNs > FINE_NS);
  if (coarse.length === 0) return '';
  return `${listOf(coarse.map(({ label, resolutionNs }) => `${label} takes staleness with a clock of ${formatDuration(resolutionNs)}`))}.`;
}
