import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { judgeAssertion, judgeRegression } from '../../reports/assertions/judgement.ts';
import type { Regression } from '../../reports/assertions/rule.ts';
import { requireSelected, selectableKeys } from '../../reports/assertions/selection.ts';
import { CEILING_FILE } from '../../reports/ceiling/write-ceiling.ts';
import { compareRuns } from '../../reports/compare/run-comparison.ts';
import { terminalComparison } from '../../reports/compare/terminal-comparison.ts';
import { readResult, RESULT_FILE } from '../../reports/read-result.ts';
import { buildReport } from '../../reports/report/report.ts';
import type { CheckChoices } from '../check-options.ts';
import { concludeChecks } from '../checks.ts';
import { exitCodeOfPrinting, printText } from '../terminal.ts';

export interface CompareChoices extends CheckChoices {
  /** The first is the baseline; rules are about the last. */
  readonly paths: readonly string[];
  /** Where runs are that are called by their names alone. */
  readonly out: string;
  readonly regressions: readonly Regression[];
}

/** Compares results; returns the exit code. Throws `usage`, `unreadable`. */
export async function compare(choices: CompareChoices): Promise<number> {
  const { paths, out, assertions, regressions } = choices;
  const reports = paths.map((path) => buildReport(readResult(resultPath(path, out))));
  const [before, ...others] = reports;
  const after = others.at(-1);
  if (before === undefined || after === undefined)
    throw new Failure('usage', 'compare takes two results or more: the first is what the others are held against');
  requireSelected([...assertions, ...regressions], selectableKeys(after), paths.at(-1) ?? '');
  const comparison = compareRuns(reports);
  printText(terminalComparison(comparison));
  const judgements = [
    ...assertions.flatMap((assertion) => judgeAssertion(after, assertion)),
    ...regressions.flatMap((regression) => judgeRegression({ before, after }, regression)),
  ];
  const exitCode = concludeChecks({ runs: [{ report: after, judgements }], comparison }, choices);
  return exitCode === 0 ? exitCodeOfPrinting() : exitCode;
}

/** The file that a path or the name of a run stands for. */
function resultPath(path: string, out: string): string {
  const place = [path, join(out, path)].find((candidate) => existsSync(candidate)) ?? path;
  if (!isFolder(place)) return place;
  const file = join(place, RESULT_FILE);
  if (!existsSync(file) && existsSync(join(place, CEILING_FILE)))
    throw new Failure('usage', `${path} is a ceiling, which has no variants to compare: name runs of a scenario`);
  return file;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
