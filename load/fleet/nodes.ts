import { fileURLToPath } from 'node:url';
import { Failure } from '../../scenarios/failures.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import type { NodeCommand, NodeReport } from '../../servers/node/node-messages.ts';
import { NODE_PROGRAM } from '../../servers/registry.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type { Target } from '../generator.ts';
import type { NodeBounds } from './node-bounds.ts';
import type { Guard } from '../machine/guard.ts';
import type { Host } from '../machine/network.ts';
import type { TrialSpec } from '../trial-spec.ts';

type NodeChild = Child<NodeCommand, NodeReport>;

export interface NodeGroup {
  readonly children: readonly NodeChild[];
  readonly targets: readonly Target[];
}

export interface NodePlace {
  readonly host: Host;
  readonly cores: readonly number[];
  /** Path of the ingest socket, which the first node has. */
  readonly ingest: string;
  readonly redisUrl: string | undefined;
  /** What the workload makes a node hold; its own defaults where nothing is said. */
  readonly bounds: NodeBounds | undefined;
  /** Names the feed in Redis. */
  readonly feed: string;
  /** Takes the nodes' ends. */
  readonly cleanup: AsyncDisposableStack;
}

const READY_WITHIN_MS = 20_000;
const DRAIN_GRACE_MS = 3000;
/** A connection to Redis that is mended sooner has lost nothing: the history fills the gap. */
const UNHEALTHY_FOR_MS = 3000;

/** Starts the variant's nodes and waits until messages would reach each. Rejects with why one did not come up. */
export async function startNodes(variant: TrialSpec['variant'], place: NodePlace, guard: Guard): Promise<NodeGroup> {
  const children = Array.from({ length: nodesOf(variant) }, (_, index) =>
    startNode(variant, { ...place, index }, guard),
  );
  place.cleanup.defer(async () => {
    await Promise.all(children.map(async (child) => child.stop(DRAIN_GRACE_MS)));
  });
  const ports = await guard.wait(Promise.all(children.map(async (child) => readyPort(child))), {
    ms: READY_WITHIN_MS,
    code: 'node-not-ready',
    message: `a server node was not ready within ${READY_WITHIN_MS / 1000} s; is the machine overloaded?`,
  });
  return { children, targets: ports.map((port) => ({ host: place.host.address, port })) };
}

function startNode(variant: TrialSpec['variant'], place: NodePlace & { index: number }, guard: Guard): NodeChild {
  const options = {
    transports: [variant.transport],
    backplane: variant.backplane,
    values: variant.values,
    host: place.host.address,
    feed: place.feed,
    forgetOnClose: true,
    ...place.bounds,
    ...(place.index === 0 && { ingest: place.ingest }),
    ...(place.redisUrl !== undefined && { redisUrl: place.redisUrl }),
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
  watchHealth(child, guard);
  return child;
}

function watchHealth(child: NodeChild, guard: Guard): void {
  let impatience: NodeJS.Timeout | undefined;
  child.onReport((report) => {
    if (report.kind === 'failed') guard.report(new Failure(report.code, `${child.name}: ${report.message}`));
    if (report.kind !== 'health') return;
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
