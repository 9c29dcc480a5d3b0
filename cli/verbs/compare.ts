import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { type Judgement, judgeAssertion, judgeRegression } from '../../reports/assertions/judgement.ts';
import type { Regression } from '../../reports/assertions/rule.ts';
import { requireSelected, selectableKeys } from '../../reports/assertions/selection.ts';
import { CEILING_FILE } from '../../reports/ceiling/write-ceiling.ts';
import { renderComparePage } from '../../reports/compare/compare-page.ts';
import { comparisonFile, COMPARISONS } from '../../reports/compare/comparison-file.ts';
import { compareRuns, type RunComparison } from '../../reports/compare/run-comparison.ts';
import { terminalComparison } from '../../reports/compare/terminal-comparison.ts';
import { distinct } from '../../reports/figures/wording.ts';
import { makeFolder, writeWhole } from '../../reports/output.ts';
import { readResult, RESULT_FILE } from '../../reports/read-result.ts';
import { buildReport } from '../../reports/report/report.ts';
import { writeRunIndex } from '../../reports/write-reports.ts';
import type { CheckChoices } from '../check-options.ts';
import { concludeChecks, requireOwnFiles } from '../checks.ts';
import { complain, exitCodeOfPrinting, print, printText } from '../terminal.ts';

export interface CompareChoices extends CheckChoices {
  /** The first is the baseline; rules are about the last. */
  readonly paths: readonly string[];
  /** Where runs are that are called by their names alone, and where the page goes unless somebody says. */
  readonly runs: string;
  /** The page, or the folder of it. */
  readonly out: string | undefined;
  /** What makes the page again. */
  readonly command: string;
  readonly regressions: readonly Regression[];
}

/** Compares results, and writes the page of it; returns the exit code. Throws `usage`, `unreadable`. */
export async function compare(choices: CompareChoices): Promise<number> {
  const { assertions, regressions } = choices;
  const paths = choices.paths.map((path) => resultPath(path, choices.runs));
  requireOwnFiles(choices, paths);
  const reports = paths.map((path) => buildReport(readResult(path)));
  const [before, ...others] = reports;
  const after = others.at(-1);
  if (before === undefined || after === undefined)
    throw new Failure('usage', 'compare takes two results or more: the first is what the others are held against');
  const keys = selectableKeys(after);
  requireSelected(assertions, keys, choices.paths.at(-1) ?? '');
  requireSelected(regressions, distinct([...selectableKeys(before), ...keys]), 'either result');
  const comparison = compareRuns(reports);
  printText(terminalComparison(comparison));
  const judgements = [
    ...assertions.flatMap((assertion) => judgeAssertion(after, assertion)),
    ...regressions.flatMap((regression) => judgeRegression({ before, after }, regression)),
  ];
  const checked = concludeChecks({ runs: [{ report: after, judgements }], comparison }, choices);
  const written = tryToWrite(comparison, { choices, judgements, paths });
  return checked || written || exitCodeOfPrinting();
}

interface Parts {
  readonly choices: CompareChoices;
  readonly judgements: readonly Judgement[];
  readonly paths: readonly string[];
}

/** What was found is said already where the page cannot be written. */
function tryToWrite(comparison: RunComparison, { choices, judgements, paths }: Parts): number {
  const { runs, out, command } = choices;
  const ids = comparison.runs.map(({ report }) => report.result.id);
  const page = out?.endsWith('.html') === true ? out : join(out ?? join(runs, COMPARISONS), comparisonFile(ids));
  const link = (path: string): string | undefined =>
    existsSync(path) ? relative(dirname(page), path).split(sep).map(encodeURIComponent).join('/') : undefined;
  const place = {
    reports: paths.map((path) => link(join(dirname(path), 'index.html'))),
    allRuns: link(join(runs, 'index.html')),
    command,
  };
  try {
    makeFolder(dirname(page));
    writeWhole(page, renderComparePage(comparison, judgements, place));
    print('');
    print(`Comparison: ${page}`);
    if (out === undefined) writeRunIndex(runs);
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    complain(error.message);
    return error.exitCode;
  }
}

/** The file that a path or the name of a run stands for. */
function resultPath(path: string, runs: string): string {
  const place = [path, join(runs, path)].find((candidate) => existsSync(candidate)) ?? path;
  if (!isFolder(place)) return place;
  const file = join(place, RESULT_FILE);
  if (!existsSync(file) && existsSync(join(place, CEILING_FILE)))
    throw new Failure('usage', `${path} is a ceiling, which has no variants to compare: name runs of a scenario`);
  return file;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
