import { DIMENSIONS } from './dimensions.ts';
import { Failure } from './failures.ts';
import { exactDuration, parseDuration } from './units.ts';

interface FaultRow {
  readonly strikes: 'node' | 'redis' | 'link';
  /** What is done, in words that follow "a node", "Redis" or "the link". */
  readonly says: string;
  /**
   * `needed`: it is undone after a time that must be said. `optional`: it stays, or a new one comes after that time. `soon`: a new
   * one comes at once, or after that time.
   */
  readonly lasts: 'needed' | 'optional' | 'soon';
  /** What held something has it no more, whatever comes in its place. */
  readonly forgets?: true;
}

/** What can be made to happen to the servers of a trial: a row here, and one in `load/fleet/faults.ts`. */
const FAULT_KINDS = {
  'kill-node': { strikes: 'node', says: 'is killed (SIGKILL)', lasts: 'optional', forgets: true },
  'stop-node': { strikes: 'node', says: 'stands still (SIGSTOP)', lasts: 'needed' },
  'restart-node': { strikes: 'node', says: 'says goodbye and is started again', lasts: 'soon', forgets: true },
  'kill-redis': {
    strikes: 'redis',
    says: 'is killed (SIGKILL)',
    lasts: 'optional',
    forgets: true,
  },
  'stop-redis': { strikes: 'redis', says: 'stands still (SIGSTOP)', lasts: 'needed' },
  'cut-link': {
    strikes: 'link',
    says: 'between clients and servers loses everything, and nobody is told',
    lasts: 'needed',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultKind = keyof typeof FAULT_KINDS;

export const FAULT_KIND_IDS = Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]];

export function faultRow(kind: FaultKind): FaultRow {
  return FAULT_KINDS[kind];
}

/** Something that is made to happen in a trial. */
export interface Fault {
  readonly kind: FaultKind;
  /** From the beginning of the measured window, as it was planned. */
  readonly atNs: number;
  /** How long it lasts; null where nothing undoes it. */
  readonly forNs: number | null;
  /** Which node, from 1 on; null: the last one, which never takes the feed where there are several. */
  readonly node: number | null;
}

export const MOST_NODES = DIMENSIONS.nodes.values.most;

/** On a command line: `kill-node@10s`, `stop-node:1@10s+2s`. Throws `usage`. */
export function parseFault(text: string): Fault {
  const [, kind = '', node, at = '', length] = /^([a-z-]+)(?::(\d+))?@([^+]+)(?:\+(.+))?$/.exec(text.trim()) ?? [];
  if (!isFaultKind(kind))
    throw new Failure(
      'usage',
      `"${text}" is no fault; write what, when, and for how long, such as kill-node@10s or stop-redis@10s+2s; there are ${FAULT_KIND_IDS.join(', ')}`,
    );
  const number = node === undefined ? undefined : Number(node);
  if (number !== undefined && (number < 1 || number > MOST_NODES))
    throw new Failure('usage', `"${text}": nodes are counted from 1 to ${MOST_NODES}`);
  return settledFault({ kind, at, length, node: number });
}

function isFaultKind(kind: string): kind is FaultKind {
  return Object.hasOwn(FAULT_KINDS, kind);
}

/** As it is read: `kill-node@10s`, `stop-node:1@10s+2s`. */
export function faultText({ kind, atNs, forNs, node }: Fault): string {
  return `${kind}${node === null ? '' : `:${node}`}@${brief(atNs)}${forNs === null || forNs === 0 ? '' : `+${brief(forNs)}`}`;
}

function brief(durationNs: number): string {
  return durationNs === 0 ? '0s' : exactDuration(durationNs).replace(' ', '').replace('µ', 'u');
}

const NAMES = { redis: 'Redis', link: 'the link' } as const;

/** For people: `node 3 is killed (SIGKILL) at 10 s`; `Redis stands still (SIGSTOP) at 10 s for 2 s`. */
export function faultInWords({ kind, atNs, forNs, node }: Fault, nodes: number): string {
  const { strikes, says, lasts } = faultRow(kind);
  const who = strikes === 'node' ? `node ${struckNode({ node }, nodes)}` : NAMES[strikes];
  const length = forNs === null || forNs === 0 ? '' : exactDuration(forNs);
  const until = lasts === 'needed' ? ` for ${length}` : `, and there is a new one ${length} later`;
  return `${who} ${says} at ${exactDuration(atNs)}${length === '' ? '' : until}`;
}

/** Of so many, counted from 1. */
export function struckNode({ node }: Pick<Fault, 'node'>, nodes: number): number {
  return node ?? nodes;
}

/** Whether Redis is away for a while, so that nodes which say so say nothing new. */
export function disturbsRedis(faults: readonly Fault[]): boolean {
  return faults.some(({ kind }) => faultRow(kind).strikes === 'redis');
}

interface WrittenFault {
  readonly kind: FaultKind;
  readonly at: string;
  readonly length: string | undefined;
  readonly node: number | undefined;
}

/** Throws `usage`. */
export function settledFault({ kind, at, length, node }: WrittenFault): Fault {
  const { strikes, lasts } = faultRow(kind);
  if (node !== undefined && strikes !== 'node') throw new Failure('usage', `${kind} strikes no node`);
  if (length === undefined && lasts === 'needed')
    throw new Failure('usage', `${kind}: say for how long, such as ${kind}@${at}+2s`);
  return {
    kind,
    atNs: parseDuration(at, kind, { least: '0s' }),
    forNs: length === undefined ? soonest(lasts) : parseDuration(length, kind),
    node: node ?? null,
  };
}

function soonest(lasts: FaultRow['lasts']): number | null {
  return lasts === 'soon' ? 0 : null;
}
