import type { Result } from '../scenarios/result/result.ts';
import { disruptionsOf, disruptionText } from './figures/disruptions.ts';
import { sum } from './figures/figure.ts';
import { countOf, rangeText } from './figures/wording.ts';
import { COMPARED, type ComparedMetric } from './figures/compared.ts';
import { answerOf } from './report/answer/answer.ts';
import { sizeText } from './report/answer/phrases.ts';
import { centreText, metricsOf } from './report/comparison.ts';
import { type Group, rangeOf } from './report/groups.ts';
import { auditText } from './report/audit-words.ts';
import { controlOf } from './report/ratios.ts';
import { groupRemarks } from './report/remarks.ts';
import { buildReport, type Report } from './report/report.ts';

/** Prose is no easier to read in longer lines. */
const MOST_PROSE = 100;
const GAP = '  ';
const DOUBT_MARK = '*';
const WRONG_MARK = '!';
/** A text at the end of a line may be cut down to this; what is wrong stands below the table in full. */
const LEAST_TEXT = 11;

/**
 * What a run came to, in lines of at most `width` characters; without a width nothing is cut. A row a variant, in the centre
 * of its trials, and below it what lies between them; below the table the answer, and what to doubt. Where a line is too short for
 * a row, the row takes a line more, or one a figure.
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
  /** What lies between the trials, below each number; empty where there is nothing to say. */
  readonly ranges: readonly string[];
  readonly text: string;
}

interface Lines {
  readonly heads: readonly Line[];
  readonly rows: readonly Line[];
}

/** Without the copy of the control, which is a variant's own. */
function shownGroups({ groups }: Report): Group[] {
  return groups.filter(({ isCopy }) => !isCopy);
}

function linesOf(report: Report): Lines {
  const columns = metricsOf(report);
  const head = (level: 0 | 1): Line => ({
    name: level === 0 ? '' : '  variant',
    numbers: columns.map(({ brief }) => brief[level]),
    ranges: [],
    text: level === 0 ? '' : 'trials',
  });
  return { heads: [head(0), head(1)], rows: shownGroups(report).map((group) => lineOf(group, columns)) };
}

function lineOf(group: Group, columns: readonly ComparedMetric[]): Line {
  const hasFailed = group.rows.every(({ state }) => state === 'failed');
  return {
    name: `${markOf(group)} ${group.label}`,
    numbers: hasFailed ? ['failed'] : columns.map((metric) => centreText(group, metric)),
    ranges: hasFailed ? [] : columns.map((metric) => rangeOfTrials(group, metric)),
    text: trialsText(group),
  };
}

function markOf(group: Group): string {
  const kinds = new Set(groupRemarks(group).map(({ kind }) => kind));
  if (kinds.has('wrong')) return WRONG_MARK;
  return kinds.has('doubt') ? DOUBT_MARK : ' ';
}

/** Left out where both ends round to the centre. */
function rangeOfTrials(group: Group, metric: ComparedMetric): string {
  const ends = rangeOf(group, metric.id);
  if (ends === undefined || group.counting.length < 2) return '';
  const [low, high] = [metric.format(ends[0]), metric.format(ends[1])];
  return low === high ? '' : rangeText(low, high);
}

/** `ok`, or what was wrong; of several trials how many count, and what to know of the others. */
function trialsText(group: Group): string {
  const { rows, counting } = group;
  const remarks = groupRemarks(group).map(({ text }) => text);
  if (rows.length > 1) return [`${counting.length} of ${rows.length}`, ...remarks].join(', ');
  const [row] = rows;
  if (row?.state !== 'measured') return '';
  return `${auditText(row.trial.audit)}${row.trial.partial ? ', partial' : ''}`;
}

/** Names to the left, numbers to the right, then a text that has what room is left. Undefined where there is none. */
function inRows({ heads, rows }: Lines, width: number): readonly string[] | undefined {
  const all = [...heads, ...rows];
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const cells = alignRight(all);
  const texts = Math.max(...all.map(({ text }) => text.length));
  if (nameWidth + (cells[0]?.numbers.length ?? 0) + GAP.length + Math.min(texts, LEAST_TEXT) > width) return undefined;
  return ruled(
    all.flatMap(({ name, text }, index) => [
      fit(`${name.padEnd(nameWidth)}${cells[index]?.numbers ?? ''}${GAP}${text}`, width),
      ...(cells[index]?.ranges ?? []).map((ranges) => `${' '.repeat(nameWidth)}${ranges}`),
    ]),
    heads.length,
  );
}

/** A line for the name and the trials, one for the numbers. */
function inTwoLines({ heads, rows }: Lines, width: number): readonly string[] | undefined {
  const cells = alignRight([...heads, ...rows]);
  if ((cells[0]?.numbers.length ?? 0) > width) return undefined;
  const numbers = cells.map((own) => [own.numbers, ...own.ranges]);
  return ruled(
    [
      fit(titleOf(heads[1] ?? NO_LINE), width),
      ...numbers.slice(0, heads.length).flat(),
      ...rows.flatMap((line, index) => [fit(titleOf(line), width), ...(numbers[heads.length + index] ?? [])]),
    ],
    heads.length + 1,
  );
}

const NO_LINE: Line = { name: '', numbers: [], ranges: [], text: '' };

/** A line a figure. */
function inList({ heads, rows }: Lines, width: number): readonly string[] {
  const labels = (heads[0]?.numbers ?? []).map((top, index) => `${top} ${heads[1]?.numbers[index] ?? ''}`);
  return rows.flatMap((line) => [
    fit(titleOf(line), width),
    ...line.numbers.flatMap((number, index) => {
      const range = line.ranges[index] ?? '';
      const label = number === 'failed' ? '' : `${labels[index] ?? ''}: `;
      const text = `    ${label}${number}`;
      if (range === '') return [fit(text, width)];
      const whole = `${text} (${range})`;
      return whole.length <= width ? [whole] : [fit(text, width), fit(`      ${range}`, width)];
    }),
  ]);
}

function titleOf({ name, text }: Line): string {
  return text === '' ? name : `${name}: ${text}`;
}

interface Cells {
  readonly numbers: string;
  /** One line, or none. */
  readonly ranges: readonly string[];
}

/** The numbers of each line, in columns that all of them share. */
function alignRight(lines: readonly Line[]): readonly Cells[] {
  const widths = (lines[0]?.numbers ?? []).map((_, index) =>
    Math.max(
      ...lines.map(({ numbers, ranges }) => Math.max((numbers[index] ?? '').length, (ranges[index] ?? '').length)),
    ),
  );
  const aligned = (texts: readonly string[]): string =>
    widths.map((width, index) => `${GAP}${(texts[index] ?? '').padStart(width)}`).join('');
  return lines.map(({ numbers, ranges }) => ({
    numbers: aligned(numbers),
    ranges: ranges.some((range) => range !== '') ? [aligned(ranges)] : [],
  }));
}

/** A rule as wide as the widest line below the first `heads` lines. */
function ruled(lines: readonly string[], heads: number): readonly string[] {
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)));
  return [...lines.slice(0, heads), rule, ...lines.slice(heads)].map((line) => line.trimEnd());
}

/** The answer, what the control says, and what to doubt, what is wrong first. */
function notes(report: Report, width: number): string[] {
  const { verdict, doubts } = answerOf(report);
  const marked = doubts.map(({ kind, text }) => `${kind === 'wrong' ? WRONG_MARK : DOUBT_MARK} ${text}`);
  const paragraphs = [
    disruptionTexts(report),
    verdict.length === 0 ? [] : [verdict.join(' ')],
    [...controlText(report), ...marked],
  ];
  return paragraphs.flatMap((texts) => (texts.length === 0 ? [] : ['', ...texts.flatMap((text) => wrap(text, width))]));
}

/** A line for each variant and each fault. */
function disruptionTexts(report: Report): string[] {
  return shownGroups(report).flatMap(({ label, counting }) => {
    const trials = counting.map(({ trial }) => trial);
    const lost = sum(trials.map(({ audit }) => audit.lost));
    const texts = disruptionsOf(trials).map((figures) => `  ${label}: ${disruptionText(figures)}`);
    return texts.length === 0 ? [] : [...texts, `  ${label}: ${countOf(lost, 'message')} lost in all`];
  });
}

/** `A/A, WebSocket as two: staleness p50 1.04 (0.91 to 1.19), …`: 1 is what it should be. */
function controlText(report: Report): string[] {
  const copy = report.groups.find(({ isCopy }) => isCopy);
  const ratios = controlOf(report).flatMap(({ metric, ratio }) =>
    ratio.state === 'estimated' ? [`${COMPARED[metric].label} ${sizeText(ratio)}`] : [],
  );
  return copy === undefined || ratios.length === 0
    ? []
    : [`  A/A, ${copy.variantLabel} measured as two: ${ratios.join(', ')}.`];
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
