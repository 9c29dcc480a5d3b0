import type { MeasuredTrial, ProcessRecord } from '../../scenarios/result/result.ts';
import { type Role, ROLES, SERVER_ROLES } from '../../scenarios/process-roles.ts';
import { countOf, listOf } from './wording.ts';

/** As in "its 3 nodes and Redis": the number where there are several, or can be. */
const WORDS: Readonly<Record<Role, (count: number) => string>> = {
  node: (count) => (count === 1 ? 'node' : countOf(count, 'node')),
  redis: () => 'Redis',
  balancer: () => 'balancer',
  publisher: () => 'publisher',
  link: () => 'link',
  worker: (count) => (count === 1 ? 'load generator' : countOf(count, 'load generator')),
};

/**
 * `its 3 nodes and Redis shared core 0`: of the server's processes, where there are more of them than cores that they may run
 * on, so that they wait for each other as they would not on machines of their own. Undefined where they had room, and where
 * nothing was pinned, so that nobody knows.
 */
export function sharedCoreText(trial: MeasuredTrial): string | undefined {
  return sharedBy(trial, SERVER_ROLES);
}

/** The same of the publisher and the load generator: `its publisher and load generator shared core 1`. */
export function sharedGeneratorCoreText(trial: MeasuredTrial): string | undefined {
  return sharedBy(
    trial,
    // What carries packets runs wherever a core is idle.
    ROLES.filter((role) => !SERVER_ROLES.includes(role) && role !== 'link'),
  );
}

function sharedBy({ processes }: MeasuredTrial, roles: readonly Role[]): string | undefined {
  const side = processes.filter(({ role }) => roles.includes(role));
  const cores = coresOf(side);
  if (side.length <= cores.length || side.some((process) => process.cores.length === 0)) return undefined;
  const words = roles.flatMap((role) => {
    const count = side.filter((process) => process.role === role).length;
    return count === 0 ? [] : [WORDS[role](count)];
  });
  return `its ${listOf(words)} shared ${coreWords(cores)}`;
}

function coresOf(processes: readonly ProcessRecord[]): number[] {
  return [...new Set(processes.flatMap(({ cores }) => cores))].toSorted((a, b) => a - b);
}

function coreWords(cores: readonly number[]): string {
  return `${cores.length === 1 ? 'core' : 'cores'} ${listOf(cores.map(String))}`;
}
