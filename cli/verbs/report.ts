import { basename, dirname } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { CEILING_FILE, readCeiling, writeCeiling } from '../../reports/ceiling/write-ceiling.ts';
import { readResult } from '../../reports/read-result.ts';
import { writeReports } from '../../reports/write-reports.ts';
import { complain, print } from '../terminal.ts';

/** Rebuilds the reports beside each result, also behind one that cannot be read; returns the exit code. */
export function report(paths: readonly string[]): number {
  const failures = paths.flatMap((path) => {
    try {
      print(rebuild(path));
      return [];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      complain(error.message);
      return [error];
    }
  });
  return failures[0]?.exitCode ?? 0;
}

/** What a file is, its name says. */
function rebuild(path: string): string {
  return basename(path) === CEILING_FILE
    ? writeCeiling(dirname(path), readCeiling(path))
    : writeReports(dirname(path), readResult(path));
}
