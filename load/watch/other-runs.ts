import { readdirSync, readFileSync } from 'node:fs';

/** Our programs that make load or bear it, whatever copy of feedbench they belong to. */
const PROGRAM = /(?:^|\/)(?:load|servers)\/[\w-]+\/[\w-]+-process\.ts$/;

/**
 * Who else has a trial, a ceiling or a node under way on this machine: the process ids of those that started them, in
 * order; null where processes are not told of. A run between two trials disturbs nobody and is not seen.
 */
export function otherRuns(self = process.pid): number[] | null {
  try {
    const parents = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (parentOfProgram(name) ?? []) : []));
    return [...new Set(parents)].filter((pid) => pid !== self).toSorted((a, b) => a - b);
  } catch {
    return null;
  }
}

function parentOfProgram(pid: string): number | undefined {
  try {
    if (!isProgram(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return undefined;
    return parseParent(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It has gone meanwhile.
    return undefined;
  }
}

/** From the text of /proc/pid/cmdline, whose words end in NUL. */
export function isProgram(commandLine: string): boolean {
  return commandLine.includes('-process.ts\0') && commandLine.split('\0').some((word) => PROGRAM.test(word));
}

/** From the text of /proc/pid/stat; the name in parentheses may hold anything. */
export function parseParent(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
