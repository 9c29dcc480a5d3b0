import type { Result } from '../scenarios/result/result.ts';
import {
  briefText,
  type ComparisonColumn,
  comparisonOf,
  isUnsupported,
  UNSUPPORTED_MARK,
} from './report/comparison.ts';
import { auditText, problemsOf } from './report/problems.ts';
import { buildReport, isSuspect, type MeasuredRow, type Report, type Row } from './report/report.ts';
import { supportText } from './figures/statistics.ts';
import { distinct } from './figures/wording.ts';

const WIDTH = 100;
const GAP = '  ';
const SUSPECT_MARK = '*';

function columnsOf({ measured }: Report): readonly ComparisonColumn[] {
  return comparisonOf(measured).filter(({ brief }) => brief !== undefined);
}

/** What a run came to, for a terminal 100 columns wide; what is wrong stands below the table. */
export function terminalTable(result: Result): string {
  const report = buildReport(result);
  const columns = columnsOf(report);
  const lines = layOut(report, [
    ...[0, 1].map((level) => ({
      name: level === 0 ? '' : '  variant',
      numbers: columns.map(({ brief }) => brief?.[level] ?? ''),
      text: level === 0 ? '' : 'audit',
    })),
    ...report.rows.map((row) => lineOf(row, columns)),
  ]);
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)));
  return [...lines.slice(0, 2), rule, ...lines.slice(2), ...notes(report)].join('\n');
}

interface Line {
  readonly name: string;
  readonly numbers: readonly string[];
  readonly text: string;
}

function lineOf(row: Row, columns: readonly ComparisonColumn[]): Line {
  if (row.state === 'failed') return { name: nameOf(row), numbers: ['failed'], text: '' };
  return { name: nameOf(row), numbers: columns.map((column) => briefText(column, row)), text: auditCell(row) };
}

function auditCell({ trial }: MeasuredRow): string {
  return `${auditText(trial.audit)}${trial.partial ? ', partial' : ''}`;
}

/** Names to the left and cut where they must be, numbers to the right, then a text that has what room is left. */
function layOut(report: Report, lines: readonly Line[]): string[] {
  const widths = columnsOf(report).map((_, index) =>
    Math.max(...lines.map(({ numbers }) => (numbers[index] ?? '').length)),
  );
  const textWidth = Math.max(...lines.map(({ text }) => text.length));
  const taken = widths.reduce((sum, width) => sum + width + GAP.length, GAP.length + Math.min(textWidth, MOST_TEXT));
  const longest = Math.max(...report.rows.map((row) => nameOf(row).length), '  variant'.length);
  const nameWidth = Math.min(longest, WIDTH - taken);
  return lines.map(({ name, numbers, text }) => {
    const cells = numbers.map((number, index) => ' '.repeat((widths[index] ?? 0) - number.length) + number);
    return fit([fit(name, nameWidth), ...cells, text].join(GAP), WIDTH).trimEnd();
  });
}

/** A text longer than this is cut rather than the names. */
const MOST_TEXT = 11;

function nameOf(row: Row): string {
  return `${row.state === 'measured' && isSuspect(row) ? SUSPECT_MARK : ' '} ${row.label}`;
}

function notes(report: Report): string[] {
  const problems = problemsOf(report).map(({ kind, text }) =>
    wrap(`${kind === 'suspect' ? SUSPECT_MARK : '!'} ${text}`),
  );
  const columns = columnsOf(report);
  const unsupported = report.measured.filter((row) => columns.some((column) => isUnsupported(column, row)));
  const support = distinct(unsupported.map(({ trial }) => supportText(trial.dueInWindow)));
  const all = [
    ...problems,
    ...support.map((text) =>
      wrap(`${UNSUPPORTED_MARK} ${text}; beyond that, a figure rests on fewer than 10 messages.`),
    ),
  ];
  return all.length === 0 ? [] : ['', ...all];
}

/** Breaks at spaces; further lines stand in by two. */
function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH)
      lines.push(last === undefined ? word : `  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => fit(line, WIDTH).trimEnd()).join('\n');
}

/** Exactly `width` characters: filled up, or cut with an ellipsis. */
function fit(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`;
}
