import type { Result } from '../scenarios/result/result.ts';
import {
  briefText,
  type ComparisonColumn,
  comparisonOf,
  isUnsupported,
  UNSUPPORTED_MARK,
} from './report/comparison.ts';
import { auditText, problemsOf } from './report/problems.ts';
import { buildReport, type Report } from './report/report.ts';
import { isSuspect, type MeasuredRow, type Row } from './report/rows.ts';
import { supportingMessages } from './figures/figures.ts';
import { supportText } from './figures/statistics.ts';
import { distinct } from './figures/wording.ts';

/** Prose is no easier to read in longer lines. */
const MOST_PROSE = 100;
const GAP = '  ';
const SUSPECT_MARK = '*';
/** A text at the end of a line may be cut down to this; what is wrong stands below the table in full. */
const LEAST_TEXT = 11;

function columnsOf({ measured }: Report): readonly ComparisonColumn[] {
  return comparisonOf(measured).filter(({ brief }) => brief !== undefined);
}

/**
 * What a run came to, in lines of at most `width` characters; without a width nothing is cut. What is wrong stands below
 * the table. Where a line is too short for a row, the row takes two lines, or one a figure.
 */
export function terminalTable(result: Result, width = Number.POSITIVE_INFINITY): string {
  const report = buildReport(result);
  const lines = linesOf(report);
  const prose = Math.min(width, MOST_PROSE);
  const narrow = (): string[] => wrap(`(${width} columns are too few for a row a line.)`, prose);
  const table = inRows(lines, width) ?? [...(inTwoLines(lines, width) ?? inList(lines, width)), ...narrow()];
  return [...table, ...notes(report, prose)].join('\n');
}

interface Line {
  readonly name: string;
  readonly numbers: readonly string[];
  readonly text: string;
}

interface Lines {
  readonly heads: readonly Line[];
  readonly rows: readonly Line[];
}

function linesOf(report: Report): Lines {
  const columns = columnsOf(report);
  const head = (level: 0 | 1): Line => ({
    name: level === 0 ? '' : '  variant',
    numbers: columns.map(({ brief }) => brief?.[level] ?? ''),
    text: level === 0 ? '' : 'audit',
  });
  return { heads: [head(0), head(1)], rows: report.rows.map((row) => lineOf(row, columns)) };
}

function lineOf(row: Row, columns: readonly ComparisonColumn[]): Line {
  if (row.state === 'failed') return { name: nameOf(row), numbers: ['failed'], text: '' };
  return { name: nameOf(row), numbers: columns.map((column) => briefText(column, row)), text: auditCell(row) };
}

function auditCell({ trial }: MeasuredRow): string {
  return `${auditText(trial.audit)}${trial.partial ? ', partial' : ''}`;
}

/** Names to the left, numbers to the right, then a text that has what room is left. Undefined where there is none. */
function inRows({ heads, rows }: Lines, width: number): readonly string[] | undefined {
  const all = [...heads, ...rows];
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const cells = alignRight(all);
  const texts = Math.max(...all.map(({ text }) => text.length));
  if (nameWidth + (cells[0]?.length ?? 0) + GAP.length + Math.min(texts, LEAST_TEXT) > width) return undefined;
  return ruled(
    all.map(({ name, text }, index) => fit(`${name.padEnd(nameWidth)}${cells[index] ?? ''}${GAP}${text}`, width)),
    heads.length,
  );
}

/** A line for the name and the audit, one for the numbers. */
function inTwoLines({ heads, rows }: Lines, width: number): readonly string[] | undefined {
  const all = [...heads, ...rows];
  const cells = alignRight(all);
  if ((cells[0]?.length ?? 0) > width) return undefined;
  const lines = all.map(({ name, text }, index) => ({ title: titleOf({ name, text }), cells: cells[index] ?? '' }));
  const [, head] = lines.slice(0, heads.length);
  return ruled(
    [
      fit(head?.title ?? '', width),
      ...lines.slice(0, heads.length).map((line) => line.cells),
      ...lines.slice(heads.length).flatMap((line) => [fit(line.title, width), line.cells]),
    ],
    heads.length + 1,
  );
}

/** A line a figure. */
function inList({ heads, rows }: Lines, width: number): readonly string[] {
  const labels = (heads[0]?.numbers ?? []).map((top, index) =>
    // A word may be broken between the two lines of a head.
    `${top} ${heads[1]?.numbers[index] ?? ''}`.replace('- ', ''),
  );
  return rows.flatMap(({ name, numbers, text }) => [
    fit(titleOf({ name, text }), width),
    ...numbers.map((number, index) =>
      fit(`    ${number === 'failed' ? '' : `${labels[index] ?? ''}: `}${number}`, width),
    ),
  ]);
}

function titleOf({ name, text }: Pick<Line, 'name' | 'text'>): string {
  return text === '' ? name : `${name}: ${text}`;
}

/** The numbers of each line, in columns that all of them share. */
function alignRight(lines: readonly Line[]): readonly string[] {
  const widths = (lines[0]?.numbers ?? []).map((_, index) =>
    Math.max(...lines.map(({ numbers }) => (numbers[index] ?? '').length)),
  );
  return lines.map(({ numbers }) =>
    widths.map((width, index) => `${GAP}${(numbers[index] ?? '').padStart(width)}`).join(''),
  );
}

/** A rule as wide as the widest line below the first `heads` lines. */
function ruled(lines: readonly string[], heads: number): readonly string[] {
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)));
  return [...lines.slice(0, heads), rule, ...lines.slice(heads)].map((line) => line.trimEnd());
}

function nameOf(row: Row): string {
  return `${row.state === 'measured' && isSuspect(row) ? SUSPECT_MARK : ' '} ${row.label}`;
}

function notes(report: Report, width: number): string[] {
  const problems = problemsOf(report).map(({ kind, text }) => `${kind === 'suspect' ? SUSPECT_MARK : '!'} ${text}`);
  const columns = columnsOf(report);
  const unsupported = report.measured.filter((row) => columns.some((column) => isUnsupported(column, row)));
  const support = distinct(unsupported.map(({ trial }) => supportText(supportingMessages(trial)))).map(
    (text) => `${UNSUPPORTED_MARK} ${text}; beyond that, a figure rests on fewer than 10 messages.`,
  );
  const all = [...problems, ...support].flatMap((text) => wrap(text, width));
  return all.length === 0 ? [] : ['', ...all];
}

/** Breaks at spaces, and within a word that is longer than a line; further lines stand in by two. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((one) => pieces(one, width - GAP.length))) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length > width) lines.push(`${GAP}${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function pieces(word: string, width: number): string[] {
  const most = Math.max(1, width);
  const count = Math.max(1, Math.ceil(word.length / most));
  return Array.from({ length: count }, (_, index) => word.slice(index * most, (index + 1) * most));
}

/** At most `width` characters; what is cut ends in an ellipsis. */
function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
