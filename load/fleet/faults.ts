import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { type Fault, type FaultKind, faultRow, faultText, struckNode } from '../../scenarios/faults.ts';
import type { Role } from '../../scenarios/process-roles.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Child } from '../machine/child.ts';
import type { Network } from '../machine/network.ts';
import type { NodeGroup } from './nodes.ts';
import type { PrivateRedis } from './redis-server.ts';

/** What faults strike. */
export interface FaultSite {
  readonly nodes: Pick<NodeGroup, 'kill' | 'sendAway' | 'stop' | 'wake' | 'replace' | 'targets'>;
  /** Undefined where the variant has none, or uses one of the user's. */
  readonly redis: Pick<PrivateRedis, 'child' | 'replace'> | undefined;
  readonly network: Pick<Network, 'link' | 'note'>;
  /** A process is there in the place of another. */
  readonly onStarted: (role: Role, child: Pick<Child<never, never>, 'name' | 'pid' | 'cores'>) => void;
}

/** Moments on the monotonic clock. */
export interface CarriedOutFault {
  readonly fault: Fault;
  /** Counted from 1. */
  readonly node: number | null;
  readonly doneNs: number;
  readonly undoneNs: number | null;
}

/** Does it, and returns what undoes it. */
type Strike = (site: FaultSite, node: number) => Promise<() => Promise<void>>;

/** How each kind is carried out. A process is killed, not asked; one that stands still keeps its connections. */
const STRIKES: Readonly<Record<FaultKind, Strike>> = {
  'kill-node': async (site, node) => {
    await site.nodes.kill(node);
    return async () => replaceNode(site, node);
  },
  'stop-node': async ({ nodes }, node) => {
    nodes.stop(node);
    return async () => nodes.wake(node);
  },
  'restart-node': async (site, node) => {
    await site.nodes.sendAway(node);
    return async () => replaceNode(site, node);
  },
  'kill-redis': async (site) => {
    const redis = redisOf(site);
    await redis.child.kill();
    return async () => site.onStarted('redis', await redis.replace());
  },
  'stop-redis': async (site) => {
    const { child } = redisOf(site);
    child.signal('SIGSTOP');
    return async () => child.signal('SIGCONT');
  },
  'cut-link': async ({ network }) => {
    const { link } = network;
    if (link === undefined) throw new Error(`there is no link of its own to cut (${network.note})`);
    await link.cut();
    return async () => link.mend();
  },
};

async function replaceNode({ nodes, onStarted }: FaultSite, node: number): Promise<void> {
  onStarted('node', await nodes.replace(node));
}

function redisOf({ redis }: FaultSite): NonNullable<FaultSite['redis']> {
  if (redis === undefined) throw new Error('the Redis of REDIS_URL is not ours to strike: unset it');
  return redis;
}

/** The faults of a trial, under way. */
export interface Ordeal {
  /** Nothing more is struck, and what stands still goes on; resolves with what was carried out. */
  end(): Promise<readonly CarriedOutFault[]>;
}

interface OrdealOptions {
  /** From which the times of the faults are counted. */
  readonly originNs: number;
  /** Told of a fault that could not be carried out, as a Failure. */
  readonly onTrouble: (error: Error) => void;
}

/** Lets each fault happen at its time, and undoes it after its own. */
export function beginOrdeal(faults: readonly Fault[], site: FaultSite, { originNs, onTrouble }: OrdealOptions): Ordeal {
  const over = new AbortController();
  const turns = new Map<string, Promise<unknown>>();
  const tasks = faults
    .toSorted((a, b) => a.atNs - b.atNs)
    .map(async (fault) => {
      // What lies down is struck again when it is up, however late that is.
      const subject = subjectOf(fault, site);
      const before = turns.get(subject);
      const turn = Promise.withResolvers<void>();
      turns.set(subject, turn.promise);
      try {
        return await carryOut(fault, site, { originNs, over: over.signal, before });
      } catch (error) {
        const message = `${faultText(fault)} could not be carried out: ${errorMessage(error)}`;
        onTrouble(error instanceof Failure ? error : new Failure('fault-failed', message, { cause: error }));
        return undefined;
      } finally {
        turn.resolve();
      }
    });
  return {
    end: async () => {
      over.abort();
      const done = await Promise.all(tasks);
      return done.filter((fault) => fault !== undefined);
    },
  };
}

/** What a fault strikes: one thing is struck by one fault at a time. */
function subjectOf(fault: Fault, { nodes }: FaultSite): string {
  const { strikes } = faultRow(fault.kind);
  return strikes === 'node' ? `node ${struckNode(fault, nodes.targets.length)}` : strikes;
}

interface Turn {
  readonly originNs: number;
  readonly over: AbortSignal;
  /** Resolves when the fault before it, of the same thing, is undone. */
  readonly before: Promise<unknown> | undefined;
}

/** Undefined where it was over before. */
async function carryOut(
  fault: Fault,
  site: FaultSite,
  { originNs, over, before }: Turn,
): Promise<CarriedOutFault | undefined> {
  if (!(await reached(originNs + fault.atNs, over))) return undefined;
  await before;
  if (over.aborted) return undefined;
  const { strikes, lasts } = faultRow(fault.kind);
  const node = struckNode(fault, site.nodes.targets.length);
  const doneNs = monotonicNs();
  const undo = await STRIKES[fault.kind](site, node - 1);
  const done = { fault, node: strikes === 'node' ? node : null, doneNs, undoneNs: null };
  if (fault.forNs === null) return done;
  // What is gone stays gone where the trial is over; what stands still must not.
  if (!(await reached(doneNs + fault.forNs, over)) && lasts !== 'needed') return done;
  const undoneNs = monotonicNs();
  await undo();
  return { ...done, undoneNs: lasts === 'needed' ? undoneNs : monotonicNs() };
}

/** Whether that moment came before it was over. */
async function reached(momentNs: number, over: AbortSignal): Promise<boolean> {
  const waitMs = Math.max(0, (momentNs - monotonicNs()) / NS_PER_MS);
  try {
    await setTimeout(waitMs, undefined, { signal: over });
    return true;
  } catch {
    return false;
  }
}
