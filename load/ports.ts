import { Failure } from '../scenarios/failures.ts';
import { isBalanced, nodesOf } from '../scenarios/variant.ts';
import { connectionsOf } from '../servers/registry.ts';
import { type Network, portsOfMachine } from './machine/network.ts';
import type { PlannedVariant } from './variants.ts';

export interface Crowd {
  readonly variant: PlannedVariant;
  readonly clients: number;
}

/**
 * A connection needs a port of the client host for itself among those to the same node. Throws `too-few-ports` where there
 * are more clients than that; a private network, which has more, is opened for the answer only where this machine's own
 * ports would not do.
 */
export async function checkPorts(
  crowds: readonly Crowd[],
  openNetwork: (variant: PlannedVariant) => Promise<Network>,
): Promise<void> {
  for (const { variant, clients } of crowds) {
    // Where there is a balancer, clients know it alone.
    const nodes = isBalanced(variant) ? 1 : nodesOf(variant);
    const each = connectionsOf(variant);
    if (Math.ceil((clients * each) / nodes) <= portsOfMachine()) continue;
    await using network = await openNetwork(variant);
    const most = Math.floor((network.portsPerTarget * nodes) / each);
    if (clients <= most) continue;
    throw new Failure(
      'too-few-ports',
      `${clients} clients on ${isBalanced(variant) ? 'a balancer' : `${nodes} node(s)`} need more ports than their host has: at most ${most} fit (${network.note}); ask for fewer clients or more nodes`,
    );
  }
}
