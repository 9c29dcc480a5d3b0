import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { errorMessage, Failure, type FailureCode, systemErrorCode } from '../../scenarios/failures.ts';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { commandText } from '../command-text.ts';
import { type NamedLine, section } from '../lines.ts';
import { fullWorkloadSchema } from '../planning/workload-schema.ts';
import { exitCodeOfPrinting, printText } from '../terminal.ts';

/** What it writes, of which example, and what that is for. */
const STARTERS = {
  'workload.json': {
    example: 'workload.json',
    purpose: 'how many clients, how many messages, of what size: change it to what your app does',
  },
  'adapter.ts': {
    example: 'adapters/chat.ts',
    purpose: 'how to talk with a server of your own, here a chat over a WebSocket: change it to what yours speaks',
  },
} as const;
const SCHEMA = {
  name: 'workload.schema.json',
  purpose: 'by which your editor knows the keys of the workload',
};

/**
 * Writes into `folder` what somebody starts from, all of it or nothing, and says what to do with it; returns the exit code.
 * Throws `usage`, `unwritable`, `disk-full`.
 */
export async function init(folder: string): Promise<number> {
  const files = starterFiles();
  const isNew = makeOwnFolder(folder);
  const there = [...files.keys()].filter((name) => existsSync(join(folder, name)));
  if (there.length > 0)
    throw new Failure(
      'usage',
      `${join(folder, there[0] ?? '')} is there already, and nothing is overwritten: name another folder, or move it away`,
    );
  writeAll(folder, files, isNew);
  printText(nextSteps(folder));
  return exitCodeOfPrinting();
}

/** By their names. */
function starterFiles(): ReadonlyMap<string, string> {
  const texts = Object.entries(STARTERS).map(([name, { example }]): [string, string] => [
    name,
    readFileSync(join(INSTALLATION.root, 'examples', example), 'utf8'),
  ]);
  return new Map([...texts, [SCHEMA.name, `${JSON.stringify(fullWorkloadSchema(), undefined, 2)}\n`]]);
}

/** True where it was made. A folder in a folder that is not there is rather a slip of the keys than a wish. */
function makeOwnFolder(folder: string): boolean {
  if (folder === '') throw new Failure('usage', 'the folder has no name: name one, or leave it out for this one');
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory()) return false;
    throw new Failure('usage', `${folder} is a file: name a folder`);
  }
  const parent = dirname(resolve(folder));
  if (!existsSync(parent)) throw new Failure('usage', `there is no folder ${parent}: make it first, or name another`);
  try {
    mkdirSync(folder);
  } catch (error) {
    throw refusal(folder, error);
  }
  return true;
}

/** Of a disk that is full in the middle of it nothing stays behind. */
function writeAll(folder: string, files: ReadonlyMap<string, string>, isNew: boolean): void {
  const begun: string[] = [];
  for (const [name, text] of files) {
    const path = join(folder, name);
    try {
      // What came to be there in the meantime is not ours.
      writeFileSync(path, '', { flag: 'wx' });
      begun.push(path);
      writeFileSync(path, text);
    } catch (error) {
      for (const made of begun) rmSync(made, { force: true });
      if (isNew) rmSync(folder, { recursive: true, force: true });
      throw refusal(path, error);
    }
  }
}

function refusal(path: string, error: unknown): unknown {
  const system = systemErrorCode(error);
  if (system === undefined) return error;
  const isFull = system === 'ENOSPC' || system === 'EDQUOT';
  const code: FailureCode = isFull ? 'disk-full' : 'unwritable';
  const remedy = isFull ? 'make room, or name a folder elsewhere' : 'name a folder that you may write to';
  return new Failure(code, `cannot write ${path} (${errorMessage(error)}): ${remedy}`, { cause: error });
}

function nextSteps(folder: string): string {
  const workload = join(folder, 'workload.json');
  const own = ['--target', 'ws://127.0.0.1:8080/', '--adapter', join(folder, 'adapter.ts')];
  const written = Object.entries(STARTERS).map(([name, { purpose }]): NamedLine => [join(folder, name), purpose]);
  return [
    section('Written', [...written, [join(folder, SCHEMA.name), SCHEMA.purpose]]),
    section('Next', [
      [commandText(['plan', workload]), 'what would be measured, and how long it takes'],
      [commandText(['run', workload]), 'measures it, and says where the report is'],
      [commandText(['run', workload, ...own]), 'measures a server of your own'],
    ]),
  ].join('\n\n');
}
