import {
  dimension,
  DIMENSION_IDS,
  DIMENSIONS,
  isDimensionId,
  optionText,
  type DimensionOwner,
  type Usual,
  usualValue,
  valueText,
} from './dimensions.ts';

/** What is compared: a transport over a backplane, and a value of each dimension that these have. */
export interface Variant {
  readonly transport: string;
  readonly backplane: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export function nodesOf({ values: { nodes } }: Variant): number {
  return typeof nodes === 'number' ? nodes : DIMENSIONS.nodes.usual;
}

/** Of a variant that does not poll, what the scenario has for those that do. */
export function pollIntervalNsOf({ values: { pollIntervalNs } }: Variant, scenario: Usual): number {
  return typeof pollIntervalNs === 'number' ? pollIntervalNs : usualValue('pollIntervalNs', scenario);
}

/** Whether clients know one address alone, behind which nodes are found for them. */
export function isBalanced({ values }: Pick<Variant, 'values'>): boolean {
  return (values['balancer'] ?? DIMENSIONS.balancer.usual) !== DIMENSIONS.balancer.usual;
}

/** Whether what clients and servers say to each other goes over TLS. */
export function isOverTls({ values }: Pick<Variant, 'values'>): boolean {
  return (values['tls'] ?? DIMENSIONS.tls.usual) !== DIMENSIONS.tls.usual;
}

/** Whether less goes over the wire than what clients read of it. */
export function isCompressed({ values }: Variant): boolean {
  const { compression = DIMENSIONS.compression.usual } = values;
  return compression !== DIMENSIONS.compression.usual;
}

/** Whether clients ask for all that there is, what they have already too. */
export function asksForStates({ values }: Variant): boolean {
  return values['ask'] === 'etag';
}

/** Equal for equal variants, and good for years: `websocket/redis/nodes=3`. What is usual goes without saying. */
export function variantKey(variant: Variant, scenario: Usual): string {
  const said = unusual(variant, scenario).map(([id, value]) =>
    isDimensionId(id) ? `${dimension(id).option}=${optionText(id, value)}` : `${id}=${value}`,
  );
  return [variant.transport, variant.backplane, ...said].join('/');
}

/** `WebSocket, redis × 3`; `HTTP polling, memory, polls every 1 s`. */
export function variantLabel(variant: Variant, scenario: Usual, transportLabel?: string): string {
  return variantParts(variant, scenario, transportLabel).join(', ');
}

/** The transport, where it ran, and what else is not as usual. */
export function variantParts(
  variant: Variant,
  scenario: Usual,
  transportLabel: string = variant.transport,
): [transport: string, place: string, ...rest: string[]] {
  const said = unusual(variant, scenario);
  const of = (owner: DimensionOwner): string[] =>
    said.flatMap(([id, value]) => (ownerOf(id) === owner ? [sayValue(id, value)] : []));
  return [transportLabel, [variant.backplane, ...of('backplane')].join(' '), ...of('transport'), ...of('path')];
}

/** What is not usual, in the order of the table; what the table does not know comes last. */
function unusual({ values }: Variant, scenario: Usual): [id: string, value: string | number][] {
  const known = DIMENSION_IDS.flatMap((id): [string, string | number][] => {
    const value = values[id];
    return value === undefined || value === usualValue(id, scenario) ? [] : [[id, value]];
  });
  return [...known, ...Object.entries(values).filter(([id]) => !isDimensionId(id))];
}

function ownerOf(id: string): DimensionOwner {
  return isDimensionId(id) ? dimension(id).of : 'transport';
}

function sayValue(id: string, value: string | number): string {
  return isDimensionId(id) ? dimension(id).say(valueText(id, value)) : `${id} ${value}`;
}
