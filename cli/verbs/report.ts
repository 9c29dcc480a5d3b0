import { basename, dirname } from 'node:path';
import { CEILING_FILE, readCeiling, writeCeiling } from '../../reports/ceiling/write-ceiling.ts';
import { readResult } from '../../reports/read-result.ts';
import { writeReports } from '../../reports/write-reports.ts';
import { print } from '../terminal.ts';

/** Rebuilds the reports beside each result; returns the exit code. */
export function report(paths: readonly string[]): number {
  for (const path of paths) print(rebuild(path));
  return 0;
}

/** What a file is, its name says. */
function rebuild(path: string): string {
  return basename(path) === CEILING_FILE
    ? writeCeiling(dirname(path), readCeiling(path))
    : writeReports(dirname(path), readResult(path));
}
