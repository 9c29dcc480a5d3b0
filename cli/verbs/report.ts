import { basename, dirname } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { CEILING_FILE, readCeiling, writeCeiling } from '../../reports/ceiling/write-ceiling.ts';
import { CLAIMS_FILE, readClaims, writeClaims } from '../../reports/claims/write-claims.ts';
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
  const failure = outcomes.map((outcome) => outcome.failure).find((one) => one !== undefined);
  const results = outcomes.flatMap(({ result }) => result ?? []);
  if (results.length > 0) requireRules(checks, results);
  const exitCode = checkResults(results, checks);
  return failure?.exitCode ?? exitCode;
}

interface Rebuilt {
  /** None where the file holds no trials, or cannot be read. One whose reports cannot be written can be judged all the same. */
  readonly result?: Result;
  readonly failure?: Failure;
}

function tryToRebuild(path: string): Rebuilt {
  // What a file is, its name says.
  if (basename(path) === CEILING_FILE) return tryTo(() => print(writeCeiling(dirname(path), readCeiling(path))));
  if (basename(path) === CLAIMS_FILE) return tryTo(() => print(writeClaims(dirname(path), readClaims(path))));
  let result: Result | undefined;
  const rebuilt = tryTo(() => {
    result = readResult(path);
    print(writeReports(dirname(path), result));
  });
  return rebuilt.failure?.code === 'unreadable' || result === undefined ? rebuilt : { ...rebuilt, result };
}

function tryTo(act: () => void): Rebuilt {
  try {
    act();
    return {};
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    complain(error.message);
    return { failure: error };
  }
}
