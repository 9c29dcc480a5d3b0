import { readdirSync, readFileSync } from 'node:fs';
import { NS_PER_MS, NS_PER_SECOND, NS_PER_US } from '../../scenarios/units.ts';
import { readOutput } from '../machine/programs.ts';

const PS_TIMEOUT_MS = 5000;

/** Times since the process began, and resident memory now. */
export interface ProcessSample {
  readonly cpuNs: number;
  /** Runnable, and waiting for a core: all threads together; null where the system does not tell. */
  readonly waitNs: number | null;
  readonly rssBytes: number;
  /** Of these what belongs to no file, and so to no other process with the same program; all of it where the system does not tell. */
  readonly ownBytes: number;
}

/** Reads processes from outside; one that has gone is missing from the answer. */
export async function sampleProcesses(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessSample>> {
  return process.platform === 'linux' ? sampleByProc(pids) : sampleByPs(pids);
}

function sampleByProc(pids: readonly number[]): ReadonlyMap<number, ProcessSample> {
  const samples = new Map<number, ProcessSample>();
  for (const pid of pids) {
    try {
      samples.set(pid, { ...readTimes(pid), ...readMemory(pid) });
    } catch {
      // It has gone; whoever started it is told so by its exit.
    }
  }
  return samples;
}

type Times = Pick<ProcessSample, 'cpuNs' | 'waitNs'>;

/** The scheduler's own account of every thread, in nanoseconds; /proc/pid/stat counts in ticks of 10 ms. */
function readTimes(pid: number): Times {
  const threads = readdirSync(`/proc/${pid}/task`);
  const told = threads.flatMap((thread) => readThread(`/proc/${pid}/task/${thread}/schedstat`) ?? []);
  return told.length > 0 ? sumTimes(told) : parseStatTimes(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function readThread(path: string): Times | undefined {
  try {
    return parseSchedstat(readFileSync(path, 'utf8'));
  } catch {
    // A thread that ended between the listing and the reading, or a kernel that keeps no such account.
    return undefined;
  }
}

/**
 * `1534237 6126991 2`: time on a core, time waiting for one, turns (Documentation/scheduler/sched-stats.rst). Undefined of
 * three zeros: the thread has not run, or the kernel does not tell.
 */
export function parseSchedstat(text: string): Times | undefined {
  const [cpuNs = 0, waitNs = 0] = text.trim().split(/\s+/).map(Number);
  return cpuNs === 0 && waitNs === 0 ? undefined : { cpuNs, waitNs };
}

function sumTimes(threads: readonly Times[]): Times {
  return {
    cpuNs: threads.reduce((sum, { cpuNs }) => sum + cpuNs, 0),
    waitNs: threads.reduce((sum, { waitNs }) => sum + (waitNs ?? 0), 0),
  };
}

const TICK_NS = 10 * NS_PER_MS;

/** Times in user and kernel mode of /proc/pid/stat, behind a name in parentheses that may hold anything; no waiting. */
export function parseStatTimes(stat: string): Times {
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return { cpuNs: (user + system) * TICK_NS, waitNs: null };
}

/** CPU time of this process itself; to microseconds everywhere. */
export function ownCpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * NS_PER_US;
}

/** Throws where there is none: a process that has ended, and only its parent has not yet been told, has no memory. */
function readMemory(pid: number): Pick<ProcessSample, 'rssBytes' | 'ownBytes'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssBytes = sizeIn(status, 'VmRSS');
  if (rssBytes === undefined) throw new Error(`process ${pid} has no memory`);
  return { rssBytes, ownBytes: sizeIn(status, 'RssAnon') ?? rssBytes };
}

/** A line such as `VmRSS:     1234 kB`. */
function sizeIn(status: string, name: string): number | undefined {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Where there is no /proc. */
export async function sampleByPs(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessSample>> {
  try {
    return parsePs(await readOutput(['ps', '-o', 'pid=,cputime=,rss=', '-p', pids.join(',')], PS_TIMEOUT_MS));
  } catch {
    // `ps` fails where none of them is left.
    return new Map();
  }
}

/** Lines of `ps -o pid=,cputime=,rss=`: `123 1:02.50 20480`. */
export function parsePs(text: string): ReadonlyMap<number, ProcessSample> {
  const samples = new Map<number, ProcessSample>();
  for (const line of text.split('\n')) {
    const [, pid, cpu = '', rss] = /^\s*(\d+)\s+([\d:.]+)\s+(\d+)/.exec(line) ?? [];
    if (pid === undefined) continue;
    const seconds = cpu.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const rssBytes = Number(rss) * 1024;
    samples.set(Number(pid), {
      cpuNs: Math.round(seconds * NS_PER_SECOND),
      waitNs: null,
      rssBytes,
      ownBytes: rssBytes,
    });
  }
  return samples;
}
