import { type AskedValues, DIMENSION_IDS, type DimensionValues } from '../../scenarios/dimensions.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { type Demand, type NodeBounds, nodeBounds, subscriberBytes } from '../../load/fleet/node-bounds.ts';
import { exclusions, limits, passedOver, type PlannedVariant, planVariants } from '../../load/variants.ts';
import { type BackplaneId, backplaneRow, isGoodFor } from '../../servers/backplanes.ts';
import type { TransportId } from '../../servers/registry.ts';

/** What a node by hand serves: the doors, and what they are told. */
export interface ServedDoors {
  readonly transports: readonly TransportId[];
  /** What clients may ask of these doors, in the order of the doors. */
  readonly variants: readonly PlannedVariant[];
  readonly values: DimensionValues;
  /** Whether clients can talk: the nodes have one log. */
  readonly canChat: boolean;
  /** Above what any of the doors needs. */
  readonly bounds: NodeBounds;
  readonly redisSubscriberBytes: number;
  /** Which of the doors cannot be over this backplane. */
  readonly limits: readonly string[];
  /** What was asked for and some of the doors do not have, in a sentence each. */
  readonly without: readonly string[];
  /** Which of the doors cannot be what was asked for, and why: of them nothing is as usual, they are not there. */
  readonly shut: readonly string[];
}

interface Asked {
  readonly transports: readonly TransportId[];
  readonly backplane: BackplaneId;
  /** One value of a dimension at most. */
  readonly asked: AskedValues;
}

/** Throws `usage` for a value that none of the doors has: several nodes that do not share a feed are one, too. */
export function planDoors({ transports, backplane, asked }: Asked, workload: Workload): ServedDoors {
  const choices = { transports, backplanes: [backplane], asked };
  const variants = planVariants(choices, workload);
  const demands = variants.map((variant): Demand => ({ workload, variant, feedNs: Number.POSITIVE_INFINITY }));
  const open = transports.filter((id) => variants.some(({ transport }) => transport === id));
  const shut = transports.filter((id) => !open.includes(id) && isGoodFor(backplane, id));
  return {
    transports: open,
    variants,
    values: firstOf(asked),
    canChat: backplaneRow(backplane).sharesLog,
    bounds: demands.map(nodeBounds).reduce(widest),
    redisSubscriberBytes: Math.max(...demands.map(subscriberBytes)),
    limits: limits(choices),
    without: passedOver({ ...choices, transports: open }, workload),
    shut: shut.flatMap((id) => exclusions({ ...choices, transports: [id] }, workload)),
  };
}

function firstOf(asked: AskedValues): DimensionValues {
  return Object.fromEntries(DIMENSION_IDS.flatMap((id) => (asked[id] ?? []).slice(0, 1).map((value) => [id, value])));
}

/** Of one workload all have the same key. */
function widest(one: NodeBounds, other: NodeBounds): NodeBounds {
  const names = Object.keys(one) as (keyof NodeBounds)[];
  const pairs = names.map((name) => {
    const [left, right] = [one[name], other[name]];
    return [name, typeof left === 'number' && typeof right === 'number' ? Math.max(left, right) : left];
  });
  return Object.fromEntries(pairs) as NodeBounds;
}
