import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../scenarios/failures.ts';
import type { ThrowAwayAuthority } from '../../scenarios/tls/authority.ts';
import type { TokenRules } from '../../scenarios/tokens.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import type { NodeCommand, NodeReport } from '../../servers/node/node-messages.ts';
import { NODE_PROGRAM } from '../../servers/registry.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type { Target } from '../generator.ts';
import type { NodeBounds } from './node-bounds.ts';
import type { Guard } from '../machine/guard.ts';
import type { Host } from '../machine/host.ts';
import type { TrialSpec } from '../trial-spec.ts';

type NodeChild = Child<NodeCommand, NodeReport>;

export interface NodePlace {
  readonly host: Host;
  readonly cores: readonly number[];
  /** Path of the ingest socket, which the first node has. */
  readonly ingest: string;
  readonly redisUrl: string | undefined;
  /** Whether Redis is to be away for a while. */
  readonly losesRedis: boolean;
  /** What the workload makes a node hold; its own defaults where nothing is said. */
  readonly bounds: NodeBounds | undefined;
  /** Whose tokens clients must show; absent: anybody is believed. */
  readonly tokens?: TokenRules | undefined;
  /** What nodes show over TLS, and who vouches for it; absent: they speak without. */
  readonly tls?: ThrowAwayAuthority | undefined;
  /** Whether clients say something, and are told who comes and goes. */
  readonly talk: boolean;
  /** Names the feed in Redis. */
  readonly feed: string;
  /** Takes the nodes' ends. */
  readonly cleanup: AsyncDisposableStack;
}

const READY_WITHIN_MS = 20_000;
const READY_LIMIT = {
  ms: READY_WITHIN_MS,
  code: 'node-not-ready',
  message: `a server node was not ready within ${READY_WITHIN_MS / 1000} s; is the machine overloaded?`,
} as const;
const DRAIN_GRACE_MS = 3000;
/** A connection to Redis that is mended sooner has lost nothing: the history fills the gap. */
const UNHEALTHY_FOR_MS = 3000;

/** Starts the variant's nodes and waits until messages would reach each. Rejects with why one did not come up. */
export async function startNodes(variant: TrialSpec['variant'], place: NodePlace, guard: Guard): Promise<NodeGroup> {
  const children = Array.from({ length: nodesOf(variant) }, (_, index) =>
    startNode(variant, { ...place, index }, guard),
  );
  const current = [...children];
  // All that were ever started: one whose start went wrong has taken nobody's place.
  const started = [...children];
  place.cleanup.defer(async () => {
    await Promise.all(started.map(async (child) => child.stop(DRAIN_GRACE_MS)));
  });
  const ports = await guard.wait(Promise.all(children.map(async (child) => readyPort(child))), READY_LIMIT);
  const { authority } = place.tls ?? {};
  const targets = ports.map((port) => ({
    host: place.host.address,
    port,
    ...(authority !== undefined && { authority }),
  }));
  return new NodeGroup(current, targets, async (index) => {
    // What was killed has left its socket behind.
    if (index === 0) await rm(place.ingest, { force: true });
    const child = startNode(variant, { ...place, index, port: targets[index]?.port ?? 0 }, guard);
    started.push(child);
    current[index] = child;
    await guard.wait(readyPort(child), READY_LIMIT);
    return child;
  });
}

/** The nodes of a trial, counted from 0. Each has its address for as long as the trial, whichever process is there. */
export class NodeGroup {
  readonly targets: readonly Target[];
  readonly #current: NodeChild[];
  readonly #start: (index: number) => Promise<NodeChild>;
  readonly #gone = new Set<NodeChild>();
  #recording: NodeCommand | undefined;

  constructor(current: NodeChild[], targets: readonly Target[], start: (index: number) => Promise<NodeChild>) {
    this.#current = current;
    this.targets = targets;
    this.#start = start;
  }

  /** Those that run. */
  get children(): readonly NodeChild[] {
    return this.#current.filter((child) => !this.#gone.has(child));
  }

  /** Tells all of them, and those that come later, from when on they record. */
  record(timing: Omit<Extract<NodeCommand, { kind: 'record' }>, 'kind'>): void {
    this.#recording = { kind: 'record', ...timing };
    for (const child of this.children) child.send(this.#recording);
  }

  /** Its death is no trouble. */
  async kill(index: number): Promise<void> {
    const child = this.#take(index);
    await child.kill();
  }

  /** It says goodbye to its clients, and that another will be there. */
  async sendAway(index: number): Promise<void> {
    const child = this.#take(index);
    await child.stop(DRAIN_GRACE_MS, { kind: 'restart' });
  }

  stop(index: number): void {
    this.#at(index).signal('SIGSTOP');
  }

  wake(index: number): void {
    this.#at(index).signal('SIGCONT');
  }

  /** Starts another process in the place of one that is gone; resolves when it is ready. */
  async replace(index: number): Promise<NodeChild> {
    const child = await this.#start(index);
    if (this.#recording !== undefined) child.send(this.#recording);
    return child;
  }

  #take(index: number): NodeChild {
    const child = this.#at(index);
    this.#gone.add(child);
    return child;
  }

  #at(index: number): NodeChild {
    const child = this.#current[index];
    if (child === undefined) throw new RangeError(`there is no node ${index + 1}`);
    return child;
  }
}

interface NodeSeat extends NodePlace {
  readonly index: number;
  /** Where it listens; absent: at a free port. */
  readonly port?: number;
}

function startNode(variant: TrialSpec['variant'], place: NodeSeat, guard: Guard): NodeChild {
  const options = {
    transports: [variant.transport],
    backplane: variant.backplane,
    values: variant.values,
    // Behind a balancer it ends there.
    ...(variant.values.balancer !== undefined && { http: '1.1' as const }),
    host: place.host.address,
    port: place.port ?? 0,
    feed: place.feed,
    talk: place.talk,
    forgetOnClose: true,
    ...place.bounds,
    ...(place.index === 0 && { ingest: place.ingest }),
    ...(place.redisUrl !== undefined && { redisUrl: place.redisUrl }),
    ...(place.tokens !== undefined && { tokens: place.tokens }),
    ...(place.tls !== undefined && { tls: place.tls.server }),
  };
  const child = startChild<NodeCommand, NodeReport>(
    {
      name: `node ${place.index + 1}`,
      command: nodeProgram(fileURLToPath(NODE_PROGRAM)),
      host: place.host,
      cores: place.cores,
    },
    guard.report,
  );
  child.send({ kind: 'open', options });
  watchHealth(child, guard, place.losesRedis);
  return child;
}

/** Where Redis is taken away on purpose, a node that lacks it tells nothing new. */
function watchHealth(child: NodeChild, guard: Guard, losesRedis: boolean): void {
  let impatience: NodeJS.Timeout | undefined;
  child.onReport((report) => {
    if (report.kind === 'failed') guard.report(new Failure(report.code, `${child.name}: ${report.message}`));
    if (report.kind !== 'health' || losesRedis) return;
    clearTimeout(impatience);
    if (report.healthy) return;
    const failure = new Failure(
      'redis-lost',
      `${child.name} gets no messages: ${report.reason}; see whether Redis still runs and has memory, then run again`,
    );
    impatience = setTimeout(() => guard.report(failure), UNHEALTHY_FOR_MS);
    impatience.unref();
  });
}

async function readyPort(child: NodeChild): Promise<number> {
  const { port } = await child.next('ready');
  return port;
}
