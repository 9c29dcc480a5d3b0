import { type Fault, faultRow, faultText, struckNode } from '../../scenarios/faults.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import { BACKPLANES } from '../../servers/registry.ts';
import type { PlannedVariant } from '../variants.ts';

/** A node is gone for good, or its process is another afterwards. */
const ENDS_NODE: ReadonlySet<Fault['kind']> = new Set(['kill-node', 'restart-node']);

/** Why these cannot happen to a variant, in words; undefined where they can. */
export function whyNoFaults(faults: readonly Fault[], variant: PlannedVariant): string | undefined {
  for (const fault of faults) {
    const reason = whyNot(fault, variant);
    if (reason !== undefined) return `${faultText(fault)}: ${reason}`;
  }
  return undefined;
}

function whyNot(fault: Fault, variant: PlannedVariant): string | undefined {
  const { strikes } = faultRow(fault.kind);
  const { needsRedis, label } = BACKPLANES[variant.backplane];
  if (strikes === 'redis') return needsRedis ? undefined : `${label} has no Redis`;
  if (strikes === 'link') return undefined;
  const nodes = nodesOf(variant);
  const node = struckNode(fault, nodes);
  if (node > nodes) return `there is no node ${node} of ${nodes}`;
  if (!ENDS_NODE.has(fault.kind) || node > 1) return undefined;
  return needsRedis
    ? 'node 1 takes the feed, which would end with it: strike another, or more nodes'
    : 'the feed is in the memory of the one node, and would go with it: take several nodes';
}
