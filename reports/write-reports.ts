import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage, Failure } from '../scenarios/failures.ts';
import { INSTALLATION } from '../scenarios/installation/installation.ts';
import type { Result } from '../scenarios/result/result.ts';
import { CEILING_FILE } from './ceiling/write-ceiling.ts';
import { judgedClaims, leadText } from './claims/judged-claims.ts';
import { CLAIMS_FILE, readClaims } from './claims/write-claims.ts';
import { COMPARISONS } from './compare/comparison-file.ts';
import { FORMATS } from './formats.ts';
import { placeOf } from './html/place.ts';
import { pointLink, writeFailure, writeWhole } from './output.ts';
import { keepEntry, readEntry } from './index/entry-file.ts';
import { RESULT_FILE } from './read-result.ts';
import { buildReport } from './report/report.ts';
import { type ListedRun, renderRunIndex } from './run-index.ts';

const LATEST = 'latest';

/** Writes every format into `folder`; returns the path of the page. Throws `disk-full`, `unwritable`. */
export function writeReports(folder: string, result: Result): string {
  const report = buildReport(result);
  const place = placeOf(folder, { result: RESULT_FILE, summary: FORMATS.csv.file, claims: CLAIMS_FILE });
  for (const { file, render } of Object.values(FORMATS)) writeWhole(join(folder, file), render(report, place));
  keepEntry(folder, report);
  return join(folder, FORMATS.html.file);
}

interface WrittenIndex {
  /** Why `latest` is not the newest run, where it could not be pointed there; what it was stays. */
  readonly unlinked: string | undefined;
}

/**
 * Writes `<out>/index.html`, which lists all runs, newest first, and points `<out>/latest` to the newest. A run that
 * cannot be read, or in which no trial was measured, is listed with the reason. Throws `disk-full`, `unwritable`.
 */
export function writeRunIndex(outFolder: string): WrittenIndex {
  const runs = runFolders(outFolder).map((folder) => listRun(outFolder, folder));
  const readable = runs.filter((run) => run.state === 'readable');
  const newestFirst = readable.toSorted((a, b) => Date.parse(b.entry.startedAt) - Date.parse(a.entry.startedAt));
  const unreadable = runs.filter((run) => run.state === 'unreadable');
  const others = runs.filter((run) => run.state === 'ceiling' || run.state === 'claims').toReversed();
  const page = renderRunIndex([...newestFirst, ...others, ...unreadable], {
    command: `${INSTALLATION.command} compare`,
    argument: (folder) => argumentOf(outFolder, folder),
    comparisons: comparisonsIn(outFolder),
  });
  writeWhole(join(outFolder, FORMATS.html.file), page);
  const newest = newestFirst[0];
  return { unlinked: newest === undefined ? undefined : tryToLink(outFolder, newest.folder) };
}

/** A run where others are is called by its name alone. */
function argumentOf(outFolder: string, folder: string): string {
  const name = resolve(outFolder) === INSTALLATION.out ? folder : join(resolve(outFolder), folder);
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}

/** As links, the newest first. */
function comparisonsIn(outFolder: string): string[] {
  const folder = join(outFolder, COMPARISONS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.html') && !name.startsWith('.'))
    .map((name) => ({ name, modifiedMs: statSync(join(folder, name)).mtimeMs }))
    .toSorted((a, b) => b.modifiedMs - a.modifiedMs)
    .map(({ name }) => `${COMPARISONS}/${name}`);
}

/** `latest` is a convenience: not everywhere can links be made, and what a copy made of one is not ours to remove. */
function tryToLink(outFolder: string, newest: string): string | undefined {
  const path = join(outFolder, LATEST);
  try {
    pointLink(path, newest);
    return undefined;
  } catch (error) {
    return `${path} does not point to this run (${errorMessage(error instanceof Failure ? error.cause : error)}): remove it if it is a folder; the report is in ${newest}`;
  }
}

/** Links, what a copy made of one, and hidden folders are not runs. */
function runFolders(outFolder: string): string[] {
  try {
    return readdirSync(outFolder, { withFileTypes: true })
      .filter(
        (entry) =>
          entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== LATEST && entry.name !== COMPARISONS,
      )
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    throw writeFailure(outFolder, error);
  }
}

function listRun(outFolder: string, folder: string): ListedRun {
  if (existsSync(join(outFolder, folder, CEILING_FILE))) return { state: 'ceiling', folder };
  if (existsSync(join(outFolder, folder, CLAIMS_FILE)))
    return { state: 'claims', folder, text: claimsLead(join(outFolder, folder, CLAIMS_FILE)) };
  const path = join(outFolder, folder, RESULT_FILE);
  if (!existsSync(path)) {
    return {
      state: 'unreadable',
      folder,
      reason: `no ${RESULT_FILE} yet: it is under way, or ended before a trial did`,
    };
  }
  try {
    const entry = readEntry(join(outFolder, folder));
    if (entry !== undefined) return { state: 'readable', folder, entry };
    return { state: 'unreadable', folder, reason: 'no trial yet: it is under way, or ended before a trial did' };
  } catch (error) {
    return { state: 'unreadable', folder, reason: errorMessage(error) };
  }
}

/** What came of the claims, in a sentence; or why it cannot be said. */
function claimsLead(path: string): string {
  try {
    return leadText(judgedClaims(readClaims(path)));
  } catch (error) {
    return errorMessage(error);
  }
}
