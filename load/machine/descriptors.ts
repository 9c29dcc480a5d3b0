import { readFileSync } from 'node:fs';
import { Failure } from '../../scenarios/failures.ts';

/** What a process needs besides its connections: its program, pipes, Redis, the ingest socket, room for accepts. */
const RESERVED = 200;
/** Where the limit cannot be read (no /proc): the soft limit that macOS gives a shell, which Node raises. */
const ASSUMED = 10_240;

/** How many connections one process can hold. Node raises its soft limit to the hard one when it starts. */
export function usableDescriptors(): number {
  return Math.max(1, hardLimit() - RESERVED);
}

function hardLimit(): number {
  try {
    return parseHardLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return ASSUMED;
  }
}

/** From the text of /proc/pid/limits. */
export function parseHardLimit(text: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  return hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard ?? ASSUMED);
}

/** Generator processes can be added, nodes cannot: they are what is compared. Throws `too-few-descriptors`. */
export function checkDescriptors(clients: number, nodes: number, each = usableDescriptors()): void {
  if (Math.ceil(clients / nodes) <= each) return;
  throw new Failure(
    'too-few-descriptors',
    `${clients} clients on ${nodes} node(s) need more open files than a process may have: at most ${each * nodes} fit; ask for fewer clients or more nodes, or raise \`ulimit -n\``,
  );
}
