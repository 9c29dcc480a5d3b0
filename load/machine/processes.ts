import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { NS_PER_SECOND } from '../../scenarios/units.ts';

const execute = promisify(execFile);

/** CPU time since the process began, and resident memory now. */
export interface ProcessSample {
  readonly cpuNs: number;
  readonly rssBytes: number;
}

/** Reads processes from outside; one that has gone is missing from the answer. */
export async function sampleProcesses(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessSample>> {
  return process.platform === 'linux' ? sampleByProc(pids) : sampleByPs(pids);
}

function sampleByProc(pids: readonly number[]): ReadonlyMap<number, ProcessSample> {
  const samples = new Map<number, ProcessSample>();
  for (const pid of pids) {
    try {
      samples.set(pid, { cpuNs: readCpuNs(pid), rssBytes: readRssBytes(pid) });
    } catch {
      // It has gone; whoever started it is told so by its exit.
    }
  }
  return samples;
}

/** The scheduler's own account of every thread, in nanoseconds: /proc/pid/stat would count in ticks of 10 ms. */
function readCpuNs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + readThreadCpuNs(`/proc/${pid}/task/${thread}/schedstat`), 0);
}

function readThreadCpuNs(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    // A thread that ended between the listing and the reading.
    return 0;
  }
}

function readRssBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

async function sampleByPs(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessSample>> {
  try {
    const { stdout } = await execute('ps', ['-o', 'pid=,cputime=,rss=', '-p', pids.join(',')]);
    return parsePs(stdout);
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
    samples.set(Number(pid), { cpuNs: Math.round(seconds * NS_PER_SECOND), rssBytes: Number(rss) * 1024 });
  }
  return samples;
}
