import { basename, dirname } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { CEILING_FILE, readCeiling, writeCeiling } from '../../reports/ceiling/write-ceiling.ts';
import { readResult } from '../../reports/read-result.ts';
import { writeReports } from '../../reports/write-reports.ts';
import type { Result } from '../../scenarios/result/result.ts';
import type { CheckChoices } from '../check-options.ts';
import { checkResults, requireOwnFiles, requireRules } from '../checks.ts';
import { complain, print } from '../terminal.ts';

/** Rebuilds the reports beside each result, also behind one that cannot be read; returns the exit code. */
export function report(paths: readonly string[], checks: CheckChoices): number {
  requireOwnFiles(checks, paths);
  const outcomes = paths.map(tryToRebuild);
  const failure = outcomes.find((outcome) => outcome instanceof Failure);
  const results = outcomes.flatMap((outcome) => (outcome === undefined || outcome instanceof Failure ? [] : [outcome]));
  if (results.length > 0) requireRules(checks, results);
  const exitCode = checkResults(results, checks);
  return failure?.exitCode ?? exitCode;
}

/** The result that was rebuilt; none where the file is a ceiling. */
function tryToRebuild(path: string): Result | Failure | undefined {
  try {
    return rebuild(path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    complain(error.message);
    return error;
  }
}

/** What a file is, its name says. */
function rebuild(path: string): Result | undefined {
  if (basename(path) === CEILING_FILE) {
    print(writeCeiling(dirname(path), readCeiling(path)));
    return undefined;
  }
  const result = readResult(path);
  print(writeReports(dirname(path), result));
  return result;
}
