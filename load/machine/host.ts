import { readOutput } from './programs.ts';

/** A machine of the benchmark: where its servers listen, and the words before a command that run it there. */
export interface Host {
  readonly address: string;
  readonly enter: readonly string[];
}

const SET_UP_TIMEOUT_MS = 5000;

/** The words that run a command in the namespaces of a process. */
export function entering(pid: number): readonly string[] {
  return ['nsenter', '--preserve-credentials', `--user=/proc/${pid}/ns/user`, `--net=${networkOf(pid)}`, '--'];
}

/** Path of the network namespace of a process. */
export function networkOf(pid: number): string {
  return `/proc/${pid}/ns/net`;
}

/** What a command prints that sets up something in the namespaces of a process. Rejects where it fails. */
export async function inside(pid: number, command: readonly string[]): Promise<string> {
  return readOutput([...entering(pid), ...command], SET_UP_TIMEOUT_MS);
}
