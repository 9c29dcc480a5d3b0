import { judgedHere } from '../claims/judged-claims.ts';
import { numbersText, verdictText } from '../claims/verdict.ts';
import { wordsOf } from '../compare/comparison-words.ts';
import type { RunComparison } from '../compare/run-comparison.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { momentText } from '../figures/wording.ts';
import { answerOf } from '../report/answer/answer.ts';
import { centreOf, type Group, rangeOf, upperPercentile } from '../report/groups.ts';

import type { Report } from '../report/report.ts';
import type { CheckedRun } from './checked-run.ts';
import { isBroken, type Judgement } from './judgement.ts';

interface Summary {
  readonly runs: readonly CheckedRun[];
  /** Of the runs, where they were compared. */
  readonly comparison?: RunComparison;
}

/** What a pull request should say of these runs: GitHub's flavour of markdown. */
export function renderMarkdown({ runs, comparison }: Summary): string {
  return [...(comparison === undefined ? [] : comparisonBlocks(comparison)), ...runs.flatMap(runBlocks)]
    .join('\n\n')
    .concat('\n');
}

function comparisonBlocks(comparison: RunComparison): string[] {
  const { verdict, doubts } = wordsOf(comparison);
  const names = comparison.runs.map(({ name, report }) => `${name} is ${plain(report.result.id)}`).join(', ');
  return [
    `### feedbench: compared with ${plain(comparison.runs[0].report.result.id)}`,
    `${names}.`,
    list(verdict),
    ...quoted(doubts),
  ];
}

function runBlocks({ report, judgements }: CheckedRun): string[] {
  const { workload, startedAt } = report.result;
  const { verdict, doubts } = answerOf(report);
  return [
    `### feedbench: ${plain(workload.name)}, ${momentText(startedAt)}`,
    plain(verdict.join(' ')),
    ...assertionTable(judgements),
    variantTable(report),
    ...claimsTable(report),
    ...quoted(doubts.map(({ text }) => text)),
  ];
}

function assertionTable(judgements: readonly Judgement[]): string[] {
  if (judgements.length === 0) return [];
  const broken = judgements.filter(isBroken).length;
  const heading =
    broken === 0 ? 'All assertions held.' : `**${broken} of ${judgements.length} assertions did not hold.**`;
  const rows = judgements.map(({ rule, variant, state, text }) => [
    state === 'held' ? 'held' : `**${state === 'failed' ? 'failed' : 'not decided'}**`,
    code(rule.text),
    plain(variant),
    plain(text),
  ]);
  return [heading, table(['', 'assertion', 'variant', 'found'], rows, ':---')];
}

function variantTable(report: Report): string {
  const groups = report.groups.filter(({ isCopy }) => !isCopy);
  const metrics: ComparedMetricId[] = [
    'staleness.p50',
    `staleness.p${upperPercentile(groups)}`,
    'bytes.wire',
    'cpu.server',
    'memory.server',
  ];
  const rows = groups.map((group) => [plain(group.label), ...metrics.map((metric) => amountText(group, metric))]);
  return table(['variant', ...metrics.map((metric) => COMPARED[metric].label)], rows);
}

/** What a guide claims, and this run's own figures say of it; folded, for it is not what a pull request changes. */
function claimsTable(report: Report): string[] {
  const all = judgedHere(report);
  if (all.length === 0) return [];
  const rows = all.map(({ claim, verdict }) => [
    plain(`“${claim.said}”`),
    plain(verdictText(verdict, { here: true })),
    plain(numbersText(verdict)),
  ]);
  return [
    '<details><summary>What a guide on WebSockets claims, and this run says</summary>',
    table(['claim', 'verdict', 'measured'], rows, ':---'),
    '</details>',
  ];
}

/** `1.73 ms (1.58 ms to 1.90 ms)`; without a range where it rounds to one. */
function amountText(group: Group, metric: ComparedMetricId): string {
  const { format } = COMPARED[metric];
  const centre = centreOf(group, metric);
  if (!isAvailable(centre)) return 'n/a';
  const [low = '', high = ''] = (rangeOf(group, metric) ?? []).map(format);
  return low === high ? format(centre) : `${format(centre)} (${low} to ${high})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], rule = '---:'): string {
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : rule))), ...rows.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `- ${plain(text)}`).join('\n');
}

function quoted(texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [texts.map((text) => `> ${plain(text)}`).join('\n>\n')];
}

/** Text that no reader takes for markup, nor for a line's end, a mention of a user, or a number of an issue. */
function plain(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[\\`*_{}[\]<>()#|~$@&]/g, (character) => ESCAPES[character] ?? `\\${character}`);
}

/** A backslash before these is not enough, or shows. */
const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '@': '&#64;',
  '#': '&#35;',
};

/** As code inside a table: nothing is escaped in it but what divides cells. */
function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length)) + 1);
  const padded = text.startsWith('`') || text.endsWith('`') ? ` ${text} ` : text;
  return `${fence}${padded.replaceAll(/[\s\p{Cc}]+/gu, ' ').replaceAll('|', String.raw`\|`)}${fence}`;
}
