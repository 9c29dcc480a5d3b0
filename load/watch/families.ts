import { readdirSync, readFileSync } from 'node:fs';
import { type ProcessSample, sampleProcesses } from './processes.ts';

/**
 * Of each process what it uses together with all that it has started, and what these have. A text that several of them have mapped
 * is in the memory of each (of Chromium's pages some 100 MB): of descendants only what is their own counts.
 */
export async function sampleFamilies(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessSample>> {
  const children = readChildren();
  const families = pids.map((pid) => [pid, [pid, ...descendantsOf(pid, children)]] as const);
  const samples = await sampleProcesses(families.flatMap(([, members]) => members));
  return new Map(
    families.flatMap(([pid, members]) => {
      const known = members.flatMap((member) => samples.get(member) ?? []);
      return samples.has(pid) ? [[pid, known.reduce(together)] as const] : [];
    }),
  );
}

function together(one: ProcessSample, other: ProcessSample): ProcessSample {
  return {
    cpuNs: one.cpuNs + other.cpuNs,
    waitNs: one.waitNs === null || other.waitNs === null ? null : one.waitNs + other.waitNs,
    rssBytes: one.rssBytes + other.ownBytes,
    ownBytes: one.ownBytes + other.ownBytes,
  };
}

type Children = ReadonlyMap<number, readonly number[]>;

export function descendantsOf(pid: number, children: Children): number[] {
  return (children.get(pid) ?? []).flatMap((child) => [child, ...descendantsOf(child, children)]);
}

/** Of every process of this machine who its children are; none where there is no /proc. */
export function readChildren(): Children {
  const children = new Map<number, number[]>();
  for (const pid of listProcesses()) {
    const parent = readParent(pid);
    if (parent === undefined) continue;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [pid]);
    else known.push(pid);
  }
  return children;
}

function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isSafeInteger(pid));
  } catch {
    return [];
  }
}

/** The fourth field of /proc/pid/stat, the second behind a name in parentheses that may hold anything. */
function readParent(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // It has gone.
    return undefined;
  }
}
