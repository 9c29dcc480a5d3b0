import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { parseResult, type Result } from '../../scenarios/result/result.ts';

/** The program as a user runs it, for tests that look at it from outside. */
export interface FeedbenchProcess {
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Resolves when it has printed something that fits; rejects where it ends first. */
  printed(pattern: RegExp): Promise<string>;
  readonly exited: Promise<FeedbenchExit>;
  signal(name: NodeJS.Signals): void;
}

export interface FeedbenchExit {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the command, such as those of `unshare`. */
  readonly prefix?: readonly string[];
}

const SAYS_HOW_OFTEN = /^--(?:trials|budget|resume)\b/;
/** What tests measure is no part of this machine's history. */
const STATE = join(tmpdir(), `feedbench-state-${process.pid}`);
process.once('exit', () => rmSync(STATE, { recursive: true, force: true }));
const CLI = join(dirname(import.meta.dirname), 'cli.ts');

/** A run measures each variant once, unless its words say how often. */
export function startFeedbench(words: readonly string[], options: StartOptions = {}): FeedbenchProcess {
  const [program = process.execPath, ...parameters] = [
    ...(options.prefix ?? []),
    process.execPath,
    CLI,
    ...words,
    ...(words[0] === 'run' && !words.some((word) => SAYS_HOW_OFTEN.test(word)) ? ['--trials', '1'] : []),
  ];
  const child = spawn(program, parameters, {
    // What runs the tests may be a CI itself: its summary is not theirs.
    env: {
      ...process.env,
      REDIS_URL: '',
      XDG_STATE_HOME: STATE,
      GITHUB_STEP_SUMMARY: '',
      TF_BUILD: '',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watch(child);
}

function watch(child: ChildProcess): FeedbenchProcess {
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<FeedbenchExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
  const output = (): string => text.stdout + text.stderr;
  return {
    pid: child.pid ?? 0,
    output,
    printed: async (pattern) => {
      const seen = new Promise<string>((resolve) => {
        const look = (): void => {
          if (!pattern.test(output())) return;
          listeners.delete(look);
          resolve(output());
        };
        listeners.add(look);
        look();
      });
      const ended = exited.then(() => {
        throw new Error(`it ended without printing ${String(pattern)}:\n${output()}`);
      });
      return Promise.race([seen, ended]);
    },
    exited,
    signal: (name) => void child.kill(name),
  };
}

export async function runFeedbench(words: readonly string[], options: StartOptions = {}): Promise<FeedbenchExit> {
  return startFeedbench(words, options).exited;
}

/** The result of the newest run in an output folder. */
export async function readLatest(out: string): Promise<Result> {
  const result = parseResult(JSON.parse(await readFile(join(out, 'latest/result.json'), 'utf8')));
  if (typeof result === 'string') throw new TypeError(`no result: ${result}`);
  return result;
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Processes that descend from `pid`, with their command lines (Linux). */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const candidate of all) if (family.has(candidate.parent)) family.add(candidate.pid);
  }
  return all.filter((candidate) => candidate.pid !== pid && family.has(candidate.pid));
}

/** The one descendant whose command line fits. */
export function findDescendant(pid: number, pattern: RegExp): number {
  const found = descendantsOf(pid).find(({ command }) => pattern.test(command));
  if (found === undefined) throw new Error(`no process below ${pid} fits ${String(pattern)}`);
  return found.pid;
}

/**
 * Resolves when that process of the run, or another in its network, has received so many bytes: the feed is well under way
 * then, whatever time it took to get there. Rejects after a minute (Linux).
 */
export async function untilReceived(run: FeedbenchProcess, pattern: RegExp, bytes: number): Promise<void> {
  await expect
    .poll(
      () => {
        const receiver = descendantsOf(run.pid).find(({ command }) => pattern.test(command));
        return receiver === undefined ? 0 : receivedBytes(receiver.pid);
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBeGreaterThan(bytes);
}

/** By all interfaces of a process's network (/proc/pid/net/dev). */
function receivedBytes(pid: number): number {
  try {
    const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n').slice(2);
    return lines.reduce((sum, line) => sum + Number(/:\s*(\d+)/.exec(line)?.[1] ?? 0), 0);
  } catch {
    // It has just ended.
    return 0;
  }
}

/** Which of these still run; a zombie does not. */
export function stillRunning(processes: readonly { readonly pid: number }[]): number[] {
  return processes.map(({ pid }) => pid).filter((pid) => readProcess(pid) !== undefined);
}

function readProcess(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return { pid, parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
