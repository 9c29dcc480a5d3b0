import { type Fault, faultRow, faultText, struckNode } from '../../scenarios/faults.ts';
import { exactDuration, NS_PER_SECOND } from '../../scenarios/units.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import type { PlannedVariant } from '../variants.ts';

/** A node is gone for good, or its process is another afterwards. */
const ENDS_NODE: ReadonlySet<Fault['kind']> = new Set(['kill-node', 'restart-node']);

/** Why these cannot happen to a variant, in words; undefined where they can. */
export function whyNoFaults(faults: readonly Fault[], variant: PlannedVariant): string | undefined {
  for (const fault of faults) {
    const reason = whyNot(fault, variant) ?? whyNotThen(fault, faults, nodesOf(variant));
    if (reason !== undefined) return `${faultText(fault)}: ${reason}`;
  }
  return undefined;
}

/** What is started anew takes that long to be there again, on a machine that has other things to do. */
const RETURN_NS = 2 * NS_PER_SECOND;

/** What lies down already can be struck again when it is up. */
function whyNotThen(fault: Fault, faults: readonly Fault[], nodes: number): string | undefined {
  const subject = subjectOf(fault, nodes);
  const place = faults.indexOf(fault);
  const earlier = faults.find(
    (other, index) =>
      other !== fault &&
      subjectOf(other, nodes) === subject &&
      (other.atNs < fault.atNs || (other.atNs === fault.atNs && index < place)) &&
      upAgainNs(other) > fault.atNs,
  );
  if (earlier === undefined) return undefined;
  const upNs = upAgainNs(earlier);
  const until = upNs === Number.POSITIVE_INFINITY ? 'for good' : `until ${exactDuration(upNs)}`;
  return `${subject} is struck by ${faultText(earlier)} ${until}: choose another moment${faultRow(fault.kind).strikes === 'node' ? ', or another node' : ''}`;
}

function subjectOf(fault: Fault, nodes: number): string {
  const names = { node: `node ${struckNode(fault, nodes)}`, redis: 'Redis', link: 'the link' };
  return names[faultRow(fault.kind).strikes];
}

/** From when on it can be struck again. */
function upAgainNs({ kind, atNs, forNs }: Fault): number {
  if (forNs === null) return Number.POSITIVE_INFINITY;
  return atNs + forNs + (faultRow(kind).lasts === 'needed' ? 0 : RETURN_NS);
}

function whyNot(fault: Fault, variant: PlannedVariant): string | undefined {
  const { strikes } = faultRow(fault.kind);
  const { needsRedis, label } = BACKPLANES[variant.backplane];
  if (strikes === 'redis') return needsRedis ? undefined : `there is no Redis, the log is ${label}`;
  if (strikes === 'link') return undefined;
  const nodes = nodesOf(variant);
  const node = struckNode(fault, nodes);
  if (node > nodes) return `there is no node ${node} of ${nodes}`;
  if (!ENDS_NODE.has(fault.kind) || node > 1) return undefined;
  return needsRedis
    ? 'node 1 takes the feed, which would end with it: strike another, or more nodes'
    : 'the feed is in the memory of the one node, and would go with it: take several nodes';
}
