import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { writeWhole } from '../output.ts';
import { readJson, readResult, RESULT_FILE } from '../read-result.ts';
import { buildReport, type Report } from '../report/report.ts';
import { entryOf, parseEntry, type RunEntry } from './run-entry.ts';

/** Beside a result; hidden, because nobody needs it but the list of runs. */
const ENTRY_FILE = '.index-entry.json';

/** Which result an entry is of: one that was written again has another time, another length, or both. */
interface Stamp {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** What a list says of the run in this folder. Throws `unreadable` as reading its result does. */
export function readEntry(folder: string): RunEntry | undefined {
  const known = keptEntry(folder);
  if (known !== undefined) return known;
  const result = readResult(join(folder, RESULT_FILE));
  return result.trials.length === 0 ? undefined : keepEntry(folder, buildReport(result));
}

/** Keeps what the report says, so that a list need not make it again. What stands in the way takes nothing but time. */
export function keepEntry(folder: string, report: Report): RunEntry {
  const entry = entryOf(report);
  const stamp = stampOf(folder);
  if (stamp === undefined) return entry;
  try {
    writeWhole(join(folder, ENTRY_FILE), JSON.stringify({ stamp, entry }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  return entry;
}

function keptEntry(folder: string): RunEntry | undefined {
  const stamp = stampOf(folder);
  const kept = readKept(join(folder, ENTRY_FILE));
  const isOfIt = stamp !== undefined && kept.stamp?.bytes === stamp.bytes && kept.stamp.modifiedMs === stamp.modifiedMs;
  return isOfIt ? parseEntry(kept.entry) : undefined;
}

interface Kept {
  readonly stamp?: Partial<Stamp>;
  readonly entry?: unknown;
}

function readKept(path: string): Kept {
  try {
    const kept = readJson(path);
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch (error) {
    if (error instanceof Failure) return {};
    throw error;
  }
}

function stampOf(folder: string): Stamp | undefined {
  const stat = statSync(join(folder, RESULT_FILE), { throwIfNoEntry: false });
  return stat === undefined ? undefined : { bytes: stat.size, modifiedMs: stat.mtimeMs };
}
