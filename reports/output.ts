import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorMessage, Failure, systemErrorCode } from '../scenarios/failures.ts';

const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Replaces the file in one step: a reader sees the old one or the new one, whole. A link, a pipe or a device (/dev/stdout) is
 * written into: what takes its place would take it from everybody. Throws `disk-full`, `unwritable`.
 */
export function writeWhole(path: string, text: string): void {
  if (isPlain(path)) replace(path, (draft) => writeFileSync(draft, text));
  else writeInto(path, text);
}

/**
 * Whether `writeWhole` could write there, found out before there is anything to write: a run takes minutes. What is there stays as
 * it is. Throws `disk-full`, `unwritable`.
 */
export function requireWritable(path: string): void {
  if (existsSync(path) && lstatSync(path).isDirectory())
    throw new Failure('unwritable', `cannot write ${path}: it is a folder; name a file`);
  if (!isPlain(path)) return;
  const draft = draftOf(path);
  try {
    writeFileSync(draft, '');
    rmSync(draft);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** A file, a folder, or nothing yet. */
function isPlain(path: string): boolean {
  try {
    const found = lstatSync(path);
    return found.isFile() || found.isDirectory();
  } catch {
    // What is wrong with the path, writing tells.
    return true;
  }
}

function writeInto(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/**
 * The folder, and those that it is in. One after the other: where a file system takes none of them (/proc), Node's own way
 * never ends. Throws `disk-full`, `unwritable`.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** Points the symbolic link at `path` to `target`, in one step. Throws `disk-full`, `unwritable`. */
export function pointLink(path: string, target: string): void {
  replace(path, (draft) => symlinkSync(target, draft));
}

function replace(path: string, make: (draft: string) => void): void {
  const draft = draftOf(path);
  try {
    rmSync(draft, { force: true });
    make(draft);
    renameSync(draft, path);
  } catch (error) {
    removeDraft(draft);
    throw writeFailure(path, error);
  }
}

function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.part`);
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // What made this fail too is what is told already.
  }
}

/** What the operating system refuses is a Failure; anything else is a fault of ours and stays as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  if (NO_SPACE.has(code)) {
    return new Failure('disk-full', `no space left to write ${path}: make room, then run "feedbench report"`, {
      cause: error,
    });
  }
  return new Failure(
    'unwritable',
    `cannot write ${path} (${errorMessage(error)}): make the folder writable, or choose another one`,
    { cause: error },
  );
}
