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
import { PATH, pathExclusion } from '../servers/path.ts';
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
  /** Who is named in one go with what is preset: who of them lacks it is said. Absent: nobody is. */
  readonly named?: Among;
}

interface Among {
  readonly transports: readonly TransportId[];
  readonly backplanes: readonly BackplaneId[];
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

function goodPairs({ transports, backplanes }: Among): Pair[] {
  return backplanes.flatMap((backplane) =>
    transports.filter((transport) => isGoodFor(backplane, transport)).map((transport) => ({ transport, backplane })),
  );
}

function pairsOf({ transports, backplanes }: Among): Pair[] {
  const pairs = goodPairs({ transports, backplanes });
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

/** Values that make no difference to some: of what was asked for, to any; of what is preset, to those that are named with it. */
export function passedOver(choices: VariantChoices, scenario: Usual): string[] {
  const { asked, preset, named } = choices;
  const chosen = {
    transports: choices.transports.filter((id) => named?.transports.includes(id) === true),
    backplanes: choices.backplanes.filter((id) => named?.backplanes.includes(id) === true),
  };
  const missing = DIMENSION_IDS.flatMap((id) =>
    asked[id] === undefined ? lacks(id, preset?.[id] ?? [], chosen) : lacks(id, asked[id], choices),
  );
  return [...new Set([...missing, ...exclusions(choices, scenario)])];
}

/** Who of those has not all of the values, a sentence for each that is missing. */
function lacks(id: DimensionId, values: readonly (string | number)[], { transports, backplanes }: Among): string[] {
  const limiting = backplanes.map(backplaneRow).filter(({ dimensions }) => dimensions[id] !== undefined);
  const rows: { label: string; dimensions: Offers; lacks?: Readonly<Partial<Record<DimensionId, string>>> }[] =
    dimension(id).of === 'transport' ? [...transports.map(transportRow), ...limiting] : limiting;
  return rows.flatMap(({ label, dimensions, lacks: reasons }) =>
    unusual(id, values)
      .filter((value) => !has(dimensions, id, value))
      .map((value) => `${label} has no ${optionOf(id)} ${optionText(id, value)}${because(reasons?.[id])}`),
  );
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

/** Without what goes without saying. */
function unusual(id: DimensionId, values: readonly (string | number)[]): readonly (string | number)[] {
  return values.filter((value) => isOfServers(id) && value !== dimension(id).usual);
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
  return (
    transportRow(transport).excludes?.(values, backplaneRow(backplane)) ??
    pathExclusion({ transport, backplane }, values)
  );
}

function optionOf(id: DimensionId): string {
  return `--${dimension(id).option}`;
}

function offersOf({ transport, backplane }: Pair): Offers {
  return { ...TRANSPORTS[transport].dimensions, ...BACKPLANES[backplane].dimensions, ...PATH };
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
  const pairs = sets.flatMap(pairsOf);
  for (const id of DIMENSION_IDS) {
    const asked = sets.flatMap((set): readonly (string | number)[] => set.asked[id] ?? []);
    const stranger = strangerTo(pairs, id, asked);
    if (stranger !== undefined) throw new Failure('usage', `${optionOf(id)} ${stranger}`);
    const missing = asked.length === 0 ? undefined : missingFor(id, sets);
    if (missing !== undefined)
      throw new Failure(
        'usage',
        `${optionOf(id)} says something of ${optionOf(missing)} alone: name that too, or leave it out`,
      );
  }
}

/** What a dimension hangs on, where no set asks for any of that. */
function missingFor(id: DimensionId, sets: readonly VariantChoices[]): DimensionId | undefined {
  const base = DIMENSION_IDS.find((other) => other === dimension(id).hangsOn);
  if (base === undefined) return undefined;
  const values = sets.flatMap(({ asked, preset }): readonly (string | number)[] => asked[base] ?? preset?.[base] ?? []);
  return unusual(base, values).length === 0 ? base : undefined;
}

/** Of the values one that none of the pairs has, and what to do about it; undefined where each is somebody's. */
function strangerTo(pairs: readonly Pair[], id: DimensionId, values: readonly (string | number)[]): string | undefined {
  const all = pairs.map(offersOf);
  const stranger = values.find((value) => !all.some((offers) => has(offers, id, value)));
  if (stranger === undefined || !isOfServers(id)) return undefined;
  const transports = [...new Set(pairs.map(({ transport }) => transport))];
  const backplanes = [...new Set(pairs.map(({ backplane }) => backplane))];
  const chosen = lackOf(id, stranger, transports) === 'transport' ? transports : backplanes;
  const whose = `${chosen.join(' and ')} ${chosen.length === 1 ? 'has' : 'have'} no such thing`;
  return `${optionText(id, stranger)}: ${whose}; ${remedyFor(id, stranger, transports)}`;
}

/** What is preset for those, and none of them has, with the option that it is of; undefined where each value is somebody's. */
export function presetForNobody(preset: AskedValues, among: Among): { option: string; text: string } | undefined {
  const pairs = goodPairs(among);
  for (const id of DIMENSION_IDS) {
    const text = strangerTo(pairs, id, unusual(id, preset[id] ?? []));
    if (text !== undefined) return { option: dimension(id).option, text };
  }
  return undefined;
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
    all = all.flatMap((known) => (means(id, known) ? values.map((value) => withValue(known, id, value)) : [known]));
  }
  return all;
}

/** Whether a dimension means something to a variant of which those values are known. */
function means(id: DimensionId, known: Readonly<Record<string, unknown>>): boolean {
  const { hangsOn } = dimension(id);
  return hangsOn === undefined || known[hangsOn] !== undefined;
}

/** What is usual on the path is not named. */
function withValue(known: DimensionValues, id: DimensionId, value: string | number): DimensionValues {
  const { of, usual } = dimension(id);
  return of === 'path' && value === usual ? known : { ...known, [id]: value };
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
