import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseCoreList, pinned } from '../../load/machine/placement.ts';
import { type FeedbenchProcess, findDescendant } from './feedbench-process.ts';

/** What is done to a trial on purpose (Linux): its processes stand still, or another program takes their core. */

/** The process of a trial that has just begun; it comes within some seconds. */
export async function processOf(run: FeedbenchProcess, pattern: RegExp): Promise<number> {
  for (;;) {
    try {
      return findDescendant(run.pid, pattern);
    } catch (error) {
      const ended = await Promise.race([run.exited, setTimeout(50)]);
      if (ended !== undefined) throw new Error(`it ended too soon:\n${run.output()}`, { cause: error });
    }
  }
}

/** Resolves when so many clients are connected to the trial's first node: the feed starts within half a second. */
export async function connected(run: FeedbenchProcess, clients: number): Promise<void> {
  const node = await processOf(run, /node-process\.ts/);
  while (establishedConnections(node) < clients) {
    if ((await Promise.race([run.exited, setTimeout(20)])) !== undefined)
      throw new Error(`it ended before its clients were connected:\n${run.output()}`);
  }
}

/** Of the network namespace in which the process lives: those with state 1 in /proc/pid/net/tcp (proc(5)). */
function establishedConnections(pid: number): number {
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8').match(/^ *\d+: \S+ \S+ 01 /gm)?.length ?? 0;
}

/** It is stopped as by Ctrl-Z, and goes on after `durationMs`. */
export async function standStill(pid: number, durationMs: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await setTimeout(durationMs);
  process.kill(pid, 'SIGCONT');
}

/** A program that computes without a pause on the core that a process is pinned to; what comes back ends it. */
export async function loadCoreOf(pid: number): Promise<() => Promise<void>> {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  const endless = [process.execPath, '-e', 'console.log(1); for (;;);'];
  const [program = '', ...words] = pinned(parseCoreList(list)).concat(endless);
  const burner = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(burner.stdout, 'data');
  return async () => {
    const ended = once(burner, 'close');
    burner.kill('SIGKILL');
    await ended;
  };
}
