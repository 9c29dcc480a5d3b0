import { rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorMessage, Failure, systemErrorCode } from '../scenarios/failures.ts';
import { makeFolders, makeNew } from './machine/folders.ts';

/** Where one run's result is kept while it grows. */
export interface ResultFile<T> {
  readonly folder: string;
  readonly id: string;
  /** Replaces what was saved before in one step: there is always one whole file. Rejects with `disk-full`, `unwritable`. */
  save(result: T): Promise<void>;
  /** The same, with what the world refused as an answer. */
  trySaving(result: T): Promise<Failure | undefined>;
  /** Takes the folder away again, where nothing was measured that could be kept. */
  discard(): Promise<void>;
}

export interface ResultPlace {
  readonly out: string;
  /** What was run: a scenario, or a ceiling. */
  readonly subject: string;
  readonly at: Date;
  /** `result.json`, or what else it is called. */
  readonly name: string;
}

/** Makes `<out>/<date>-<subject>/`, with a number behind it where that exists already. */
export async function createResultFile<T extends object>({
  out,
  subject,
  at,
  name,
}: ResultPlace): Promise<ResultFile<T>> {
  await attempt(out, async () => makeFolders(out));
  const base = `${dateStamp(at)}-${subject}`;
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? base : `${base}-${copy}`;
    const folder = join(out, id);
    if (!(await attempt(folder, async () => makeNew(folder)))) continue;
    return { ...fileIn<T>(folder, name), discard: async () => discard(folder, name) };
  }
}

/** The result of a run that goes on: it stays, whatever happens. */
export function openResultFile<T extends object>(folder: string, name: string): ResultFile<T> {
  return { ...fileIn<T>(folder, name), discard: async () => undefined };
}

function fileIn<T extends object>(folder: string, name: string): Omit<ResultFile<T>, 'discard'> {
  const save = saver<T>(folder, name);
  return {
    folder,
    id: basename(folder),
    save,
    trySaving: async (result) => save(result).then(() => undefined, asFailure),
  };
}

/** What somebody else has put there meanwhile stays, and the folder with it. */
async function discard(folder: string, name: string): Promise<void> {
  await rm(join(folder, name), { force: true }).catch(() => undefined);
  await rmdir(folder).catch(() => undefined);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Local time, to the second: `2026-05-17-142301`. */
function dateStamp(at: Date): string {
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

/** What the world refuses is an answer; what we did wrong is thrown on. */
function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

function saver<T extends object>(folder: string, name: string): ResultFile<T>['save'] {
  const path = join(folder, name);
  const draft = join(folder, `.${name}.part`);
  return async (result) =>
    attempt(path, async () => {
      try {
        await writeFile(draft, JSON.stringify(result));
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    });
}

async function attempt<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? ''))
      throw new Failure('disk-full', `no space left to write ${path}: make room, or choose another folder with --out`, {
        cause: error,
      });
    throw new Failure('unwritable', `cannot write ${path} (${errorMessage(error)}): choose another folder with --out`, {
      cause: error,
    });
  }
}
