import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, Failure, systemErrorCode } from '../scenarios/failures.ts';
import type { Result } from '../scenarios/result.ts';

/** Where one scenario's result is kept while it grows. */
export interface ResultFile {
  readonly folder: string;
  readonly id: string;
  /** Replaces what was saved before in one step: there is always one whole file. Rejects with `disk-full`, `unwritable`. */
  save(result: Result): Promise<void>;
}

/** Makes `<out>/<date>-<scenario>/`, with a number behind it where that exists already. */
export async function createResultFile(out: string, scenario: string, at: Date): Promise<ResultFile> {
  await attempt(out, async () => mkdir(out, { recursive: true }));
  const base = `${dateStamp(at)}-${scenario}`;
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? base : `${base}-${copy}`;
    const folder = join(out, id);
    if (await attempt(folder, async () => makeNew(folder))) return { folder, id, save: saver(folder) };
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Local time, to the second: `2026-05-17-142301`. */
function dateStamp(at: Date): string {
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

async function makeNew(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function saver(folder: string): ResultFile['save'] {
  const path = join(folder, 'result.json');
  const draft = join(folder, '.result.json.part');
  return async (result) =>
    attempt(path, async () => {
      try {
        await writeFile(draft, `${JSON.stringify(result)}\n`);
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
