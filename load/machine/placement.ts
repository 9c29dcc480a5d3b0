import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { usableDescriptors } from './descriptors.ts';
import { findProgram } from './programs.ts';

/** Which cores each side has; both empty where nothing can be pinned, with the reason. */
export interface Placement {
  readonly server: readonly number[];
  readonly generator: readonly number[];
  readonly note: string;
}

/** Half of the cores for the servers, half for the generator; the generator has the odd one. */
export function placeProcesses(): Placement {
  const cores = allowedCores();
  if (cores.length < 2)
    return { server: [], generator: [], note: 'one core: server and generator share it, so every figure is doubtful' };
  if (findProgram('taskset') === undefined)
    return { server: [], generator: [], note: 'not pinned: this system has no taskset' };
  const half = cores.length >> 1;
  const server = cores.slice(0, half);
  const generator = cores.slice(half);
  return { server, generator, note: `servers on cores ${server.join(',')}; generator on ${generator.join(',')}` };
}

/** As many cores tell what their neighbours do as well, and each takes a process. */
const MOST_YARDSTICKS = 8;

/** Cores of a trial whose speed is measured, from both sides; none where nothing can be pinned, with the reason. */
export function placeYardsticks({ server, generator, note }: Placement): Pick<Placement, 'note'> & { cores: number[] } {
  const half = MOST_YARDSTICKS / 2;
  const cores = [...server.slice(0, half), ...generator.slice(0, half)];
  if (cores.length === 0) return { cores, note: `not measured: ${note}` };
  return { cores, note: `measured on cores ${cores.join(',')}, ten times a second` };
}

/** The words before a command that let it run only while nothing else wants to; anybody may give way so. */
export function atLeisure(): readonly string[] {
  return findProgram('chrt') === undefined ? ['nice', '-n', '19'] : ['chrt', '--idle', '0'];
}

/** The words before a command that pin it. */
export function pinned(cores: readonly number[]): readonly string[] {
  return cores.length === 0 ? [] : ['taskset', '-c', cores.join(',')];
}

const REAL_TIME = ['chrt', '--rr', '1'];
let realTimeAllowed: boolean | undefined;

/**
 * The words before a command that let it run the moment it wakes (SCHED_RR); none where the system does not permit it,
 * as it does for root. It has to come before a user namespace is entered: root in there is root no more to the scheduler.
 */
export function realTime(): readonly string[] {
  realTimeAllowed ??= tryRealTime();
  return realTimeAllowed ? REAL_TIME : [];
}

function tryRealTime(): boolean {
  const [program, ...parameters] = [...REAL_TIME, 'true'];
  if (findProgram(program) === undefined) return false;
  return spawnSync(program, parameters, { stdio: 'ignore' }).status === 0;
}

/** One generator process a core, unless the limit of open files asks for more. */
export function generatorProcessCount({ generator }: Placement, clients: number): number {
  return Math.max(1, generator.length, Math.ceil(clients / usableDescriptors()));
}

/** Those that this process may run on. */
export function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return parseCoreList(list);
  } catch {
    // No /proc: another system than Linux.
    return Array.from({ length: availableParallelism() }, (_, index) => index);
  }
}

/** `0-2,5` to [0, 1, 2, 5]. */
export function parseCoreList(list: string): number[] {
  const parts = list.trim() === '' ? [] : list.split(',');
  return parts.flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
