import { hasFewerClients } from '../../../scenarios/result/result.ts';
import { nodesOf } from '../../../scenarios/variant.ts';
import { reasonText } from '../../figures/verdict.ts';
import { countOf, distinct, listOf } from '../../figures/wording.ts';
import { html, type Markup } from '../../html/html.ts';
import { mark } from '../../html/mark.ts';
import { groupAttribute } from '../../html/table.ts';
import type { Group } from '../../report/groups.ts';
import { type Remark, trialRemarks } from '../../report/remarks.ts';
import type { Report } from '../../report/report.ts';
import { controlPair } from '../../report/ratios.ts';
import { isSuspect, type MeasuredRow, measuredOf, type Row } from '../../report/rows.ts';
import { controlEntries } from './control.ts';
import { section, type Section } from '../section.ts';

/** How far the figures can be believed: every trial in the order in which it ran, and what one thing measured as two says. */
export const trust: Section = (report) => {
  if (report.all.length === 0) return undefined;
  const squares = squaresOf(report);
  return section(
    'Can it be trusted?',
    html`<p>${verdictText(report)}</p>
<ul class="squares">${linesOf(report, squares).map(({ name, of }) => html`<li><span>${name}</span><ol>${of.map(square)}</ol></li>`)}</ul>
<p class="note">${keyText(report, squares)}</p>
<dl>${suspects(report)}${controlEntries(report)}</dl>`,
  );
};

function verdictText({ all }: Report): string {
  const measured = measuredOf(all);
  const suspect = measured.filter(isSuspect).length;
  const failed = all.length - measured.length;
  if (suspect === 0 && failed === 0) {
    return all.length === 1 ? 'The one trial is trusted.' : `All ${countOf(all.length, 'trial')} are trusted.`;
  }
  const parts = [
    `${measured.length - suspect} of ${countOf(all.length, 'trial')} are trusted`,
    ...(suspect === 0 ? [] : [`${suspect} ${suspect === 1 ? 'is' : 'are'} suspect`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return `${listOf(parts)}.`;
}

/** What a square says besides whose trial it is. */
interface Sign {
  readonly letter: string;
  readonly meaning: string;
  readonly kind?: 'doubtful' | 'wrong';
}

const SIGNS = {
  failed: { letter: '×', meaning: 'failed', kind: 'wrong' },
  suspect: { letter: '!', meaning: 'suspect', kind: 'doubtful' },
  replaced: { letter: '↻', meaning: 'measured again, and replaced', kind: 'doubtful' },
  half: { letter: '½', meaning: 'cut short, or of a block that is not whole', kind: 'doubtful' },
  control: { letter: 'A', meaning: 'the control, one variant measured as two' },
} as const satisfies Record<string, Sign>;

interface Square {
  readonly row: Row;
  readonly signs: readonly Sign[];
  readonly remarks: readonly Remark[];
}

/** All trials, those with fewer clients too, in the order in which they ran. */
function squaresOf(report: Report): Square[] {
  const pair = controlPair(report);
  const controls = new Set(pair === undefined ? [] : [pair.of, pair.to].flatMap(({ rows }) => rows));
  const groupOf = new Map(report.groups.flatMap((group) => group.rows.map((row): [Row, Group] => [row, group])));
  const { trials } = report.result;
  return report.all
    .toSorted((a, b) => trials.indexOf(a.trial) - trials.indexOf(b.trial))
    .map((row) => {
      const group = groupOf.get(row);
      const remarks = group === undefined ? [] : trialRemarks(group, row);
      return { row, remarks, signs: [...signsOf(row, group), ...(controls.has(row) ? [SIGNS.control] : [])] };
    });
}

function signsOf(row: Row, group: Group | undefined): Sign[] {
  if (row.state === 'failed') return [SIGNS.failed];
  const counts = group?.counting.some(({ trial }) => trial === row.trial) ?? true;
  const isReplaced = group?.counting.some(({ trial }) => trial.trial === row.trial.trial) ?? false;
  const left = isReplaced && !row.trial.partial ? SIGNS.replaced : SIGNS.half;
  return [...(isSuspect(row) ? [SIGNS.suspect] : []), ...(counts && !row.trial.partial ? [] : [left])];
}

interface Line {
  readonly name: string;
  readonly of: readonly Square[];
}

/** A line a block; what was measured with fewer clients is in none. */
function linesOf({ result }: Report, squares: readonly Square[]): Line[] {
  const [light, full] = [true, false].map((fewer) =>
    squares.filter(({ row }) => hasFewerClients(row.trial, result.workload) === fewer),
  );
  const blocks =
    result.campaign === null
      ? [{ name: 'all trials', of: full ?? [] }]
      : [...Map.groupBy(full ?? [], ({ row }) => row.trial.trial)].map(([block, of]) => ({
          name: `block ${block}`,
          of,
        }));
  return [...blocks, { name: 'few clients', of: light ?? [] }].filter(({ of }) => of.length > 0);
}

function square({ row, signs, remarks }: Square): Markup {
  const { trial, look, label } = row;
  const kinds = ['square', ...(nodesOf(trial.variant) > 1 ? ['many'] : []), ...signs.flatMap(({ kind }) => kind ?? [])];
  const letters = signs.map(({ letter }) => letter).join('');
  const text = [label, ...remarks.map((remark) => remark.text)].join(', ');
  return html`<li class="${distinct(kinds).join(' ')}"${groupAttribute(trial.variant.transport)} title="${text}">${mark(look)}${letters === '' ? undefined : html`<sup aria-hidden="true">${letters}</sup>`}<span class="spoken">${text}</span></li>`;
}

/** Of the signs, those that there are. */
function keyText({ result, all }: Report, squares: readonly Square[]): string {
  const { campaign } = result;
  const order =
    campaign === null
      ? 'in the order in which they ran'
      : `in the order in which they ran: within a block at random (seed ${campaign.seed})`;
  const places = distinct(all.map(({ trial }) => nodesOf(trial.variant) > 1));
  const used = Object.values<Sign>(SIGNS).filter((sign) => squares.some(({ signs }) => signs.includes(sign)));
  const meanings = used.map(({ letter, meaning }) => `${letter}: ${meaning}`);
  return `${[`Each square is a trial, ${order}`, ...(places.length > 1 ? ['grey: on several nodes'] : []), ...meanings].join('; ')}.`;
}

/** Why each of them is; many of them lie folded. */
const MOST_SUSPECTS = 4;

function suspects({ all }: Report): Markup | undefined {
  const rows = measuredOf(all).filter(isSuspect);
  if (rows.length === 0) return undefined;
  const items = rows.map((row) => html`<li><bdi>${row.label}</bdi>: ${reasonsText(row)}</li>`);
  const list = html`<ul>${items}</ul>`;
  const content =
    rows.length > MOST_SUSPECTS
      ? html`<details><summary>${countOf(rows.length, 'trial')}</summary>${list}</details>`
      : list;
  return html`<dt class="doubt">suspect</dt><dd>${content}</dd>
`;
}

function reasonsText({ verdict }: MeasuredRow): string {
  return verdict.state === 'suspect' ? verdict.reasons.map(reasonText).join('; ') : '';
}
