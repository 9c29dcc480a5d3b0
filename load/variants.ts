import {
  type AskedValues,
  dimension,
  DIMENSION_IDS,
  DIMENSIONS,
  type DimensionId,
  type DimensionValues,
  optionText,
  type Offers,
  type Usual,
  usualValue,
} from '../scenarios/dimensions.ts';
import { longestWait } from '../scenarios/asking/rhythm.ts';
import { Failure } from '../scenarios/failures.ts';
import { pollIntervalNsOf, type Variant, variantKey } from '../scenarios/variant.ts';
import {
  type BackplaneId,
  backplaneRow,
  BACKPLANE_IDS,
  BACKPLANES,
  isGoodFor,
  limitOf,
} from '../servers/backplanes.ts';
import { TRANSPORT_IDS, type TransportId, transportRow, TRANSPORTS, cadenceOf } from '../servers/registry.ts';

/** A variant of which this feedbench has every part. */
export interface PlannedVariant extends Variant {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
  readonly values: DimensionValues;
}

/** How long it is at most from one poll of a client to its next, in time; 0 where nobody polls at an interval. */
export function longestPollNs(variant: PlannedVariant, scenario: Usual): number {
  if (cadenceOf(variant) !== 'interval') return 0;
  return longestWait(variant.values.ask ?? DIMENSIONS.ask.usual) * pollIntervalNsOf(variant, scenario);
}

export interface VariantChoices {
  readonly transports: readonly TransportId[];
  readonly backplanes: readonly BackplaneId[];
  readonly asked: AskedValues;
  /** Of whoever has it and is not asked for another; unlike what is asked for, nobody has to have it. */
  readonly preset?: AskedValues;
}

/**
 * Every transport meets every backplane that is good for it, at every value that was asked for and that they have. Throws
 * `usage` for a value that none of them has, and where no backplane is good for any of the transports.
 */
export function planVariants(choices: VariantChoices, scenario: Usual): PlannedVariant[] {
  return planSets([choices], scenario);
}

/** The variants of several sets, each multiplied by itself, none twice. A value is refused where no set has it. */
export function planSets(sets: readonly VariantChoices[], scenario: Usual): PlannedVariant[] {
  refuseStrangers(sets);
  const all = sets.flatMap((set) => variantsOf(set, scenario));
  return [...new Map(all.map((variant) => [variantKey(variant, scenario), variant])).values()];
}

function variantsOf(choices: VariantChoices, scenario: Usual): PlannedVariant[] {
  return pairsOf(choices).flatMap((pair) =>
    combinations(offersOf(pair), choices, scenario)
      .filter((values) => exclusion(pair, values) === undefined)
      .map((values) => ({ ...pair, values })),
  );
}

interface Pair {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
}

function pairsOf({ transports, backplanes }: VariantChoices): Pair[] {
  const pairs = backplanes.flatMap((backplane) =>
    transports.filter((transport) => isGoodFor(backplane, transport)).map((transport) => ({ transport, backplane })),
  );
  if (pairs.length > 0) return pairs;
  const reasons = backplanes.map((id) => `${id} is ${limitOf(id)}`).join(', ');
  const others = [...new Set(backplanes.flatMap((id) => backplaneRow(id).onlyFor ?? []))].join(' or ');
  throw new Failure('usage', `${reasons}: choose --transport ${others}, or another --backplane`);
}

/** What was asked for and is left out, in a sentence each. */
export function leftOut(choices: VariantChoices, scenario: Usual): string[] {
  return [...new Set([...limits(choices), ...passedOver(choices, scenario)])];
}

/** Which backplanes do not meet all of the transports. */
export function limits({ transports, backplanes }: VariantChoices): string[] {
  const limited = backplanes.filter((backplane) => transports.some((transport) => !isGoodFor(backplane, transport)));
  return limited.map((id) => `${backplaneRow(id).label} is ${limitOf(id)}`);
}

/** Values that were asked for and make no difference to some. */
export function passedOver(choices: VariantChoices, scenario: Usual): string[] {
  const { transports, backplanes, asked } = choices;
  const missing = DIMENSION_IDS.flatMap((id) => {
    const limiting = backplanes.map(backplaneRow).filter(({ dimensions }) => dimensions[id] !== undefined);
    const rows = dimension(id).of === 'transport' ? [...transports.map(transportRow), ...limiting] : limiting;
    const values = (asked[id] ?? []).filter((value) => isOfServers(id) && value !== usualValue(id, scenario));
    return rows.flatMap(({ label, dimensions }) =>
      values
        .filter((value) => !has(dimensions, id, value))
        .map((value) => `${label} has no ${optionOf(id)} ${optionText(id, value)}`),
    );
  });
  return [...new Set([...missing, ...exclusions(choices, scenario)])];
}

/** Values that are there, but not together. */
export function exclusions(choices: VariantChoices, scenario: Usual): string[] {
  return pairsOf(choices).flatMap((pair) =>
    combinations(offersOf(pair), choices, scenario).flatMap((values) => {
      const reason = exclusion(pair, values);
      return reason === undefined ? [] : [`${transportRow(pair.transport).label}: ${reason}`];
    }),
  );
}

function exclusion({ transport, backplane }: Pair, values: DimensionValues): string | undefined {
  return transportRow(transport).excludes?.(values, backplaneRow(backplane));
}

function optionOf(id: DimensionId): string {
  return `--${dimension(id).option}`;
}

function offersOf({ transport, backplane }: Pair): Offers {
  return { ...TRANSPORTS[transport].dimensions, ...BACKPLANES[backplane].dimensions };
}

function has(offers: Offers, id: DimensionId, value: string | number): boolean {
  const only: readonly (string | number)[] | undefined = offers[id]?.only;
  return offers[id] !== undefined && (only === undefined || only.includes(value));
}

/** What is usual in a scenario is a setting of the scenario too, which may be said although nobody here asks for it. */
function isOfServers(id: DimensionId): boolean {
  return typeof dimension(id).usual !== 'function';
}

/** Nobody has what nobody takes: better said than passed over. */
function refuseStrangers(sets: readonly VariantChoices[]): void {
  const transports = [...new Set(sets.flatMap((set) => set.transports))];
  const backplanes = [...new Set(sets.flatMap((set) => set.backplanes))];
  const all = sets.flatMap(pairsOf).map(offersOf);
  for (const id of DIMENSION_IDS) {
    const asked = sets.flatMap((set): readonly (string | number)[] => set.asked[id] ?? []);
    const stranger = asked.find((value) => !all.some((offers) => has(offers, id, value)));
    if (stranger === undefined || !isOfServers(id)) continue;
    const lacking = lackOf(id, stranger, transports);
    const chosen = lacking === 'transport' ? transports : backplanes;
    throw new Failure(
      'usage',
      `${optionOf(id)} ${optionText(id, stranger)}: ${chosen.join(' and ')} ${chosen.length === 1 ? 'has' : 'have'} no such thing; ${remedyFor(id, stranger, transports)}`,
    );
  }
}

/** Whose lack it is: a backplane may not go with a value that a transport has. */
function lackOf(
  id: DimensionId,
  value: string | number,
  transports: readonly TransportId[],
): 'transport' | 'backplane' {
  const isHad = transports.some((transport) => has(TRANSPORTS[transport].dimensions, id, value));
  return dimension(id).of === 'transport' && !isHad ? 'transport' : 'backplane';
}

function remedyFor(id: DimensionId, value: string | number, transports: readonly TransportId[]): string {
  const having =
    lackOf(id, value, transports) === 'transport'
      ? TRANSPORT_IDS.filter((other) => has(TRANSPORTS[other].dimensions, id, value))
      : BACKPLANE_IDS.filter((other) =>
          transports.some(
            (transport) => isGoodFor(other, transport) && has(offersOf({ transport, backplane: other }), id, value),
          ),
        );
  return having.length === 0 ? 'leave it out' : `choose ${having.join(' or ')}, or leave it out`;
}

/** Every combination of the values, the first dimension's changing slowest. */
function combinations(offers: Offers, choices: Asked, scenario: Usual): DimensionValues[] {
  let all: DimensionValues[] = [{}];
  for (const id of DIMENSION_IDS) {
    if (offers[id] === undefined) continue;
    const values = valuesOf(id, { offers, choices, scenario });
    all = all.flatMap((known) => values.map((value) => ({ ...known, [id]: value })));
  }
  return all;
}

type Asked = Pick<VariantChoices, 'asked' | 'preset'>;

/** What was asked for, as far as it is had; otherwise what is preset, as far as it is had; otherwise what it has where nobody asks. */
function valuesOf(
  id: DimensionId,
  { offers, choices, scenario }: { offers: Offers; choices: Asked; scenario: Usual },
): readonly (string | number)[] {
  const had = [choices.asked, choices.preset].map((values) =>
    (values?.[id] ?? []).filter((value) => has(offers, id, value)),
  );
  return had.find((values) => values.length > 0) ?? offers[id]?.otherwise ?? [usualValue(id, scenario)];
}
