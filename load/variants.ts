import {
  type AskedValues,
  dimension,
  DIMENSION_IDS,
  type DimensionId,
  type DimensionValues,
  optionText,
  type Offers,
  type Usual,
  usualValue,
} from '../scenarios/dimensions.ts';
import { Failure } from '../scenarios/failures.ts';
import type { Variant } from '../scenarios/variant.ts';
import {
  type BackplaneId,
  backplaneRow,
  BACKPLANES,
  type TransportId,
  transportRow,
  TRANSPORTS,
} from '../servers/registry.ts';

/** A variant of which this feedbench has every part. */
export interface PlannedVariant extends Variant {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
  readonly values: DimensionValues;
}

export interface VariantChoices {
  readonly transports: readonly TransportId[];
  readonly backplanes: readonly BackplaneId[];
  readonly asked: AskedValues;
  /** Of whoever has it and is not asked for another; unlike what is asked for, nobody has to have it. */
  readonly preset?: AskedValues;
}

/**
 * Every transport meets every backplane, at every value that was asked for and that they have. Throws `usage` for a value
 * that none of them has.
 */
export function planVariants(choices: VariantChoices, scenario: Usual): PlannedVariant[] {
  const { transports, backplanes } = choices;
  refuseStrangers(choices);
  return backplanes.flatMap((backplane) =>
    transports.flatMap((transport) =>
      combinations(offersOf(transport, backplane), choices, scenario)
        .filter((values) => exclusion(transport, values) === undefined)
        .map((values) => ({ transport, backplane, values })),
    ),
  );
}

/** What was asked for and makes no difference to some, in a sentence each. */
export function passedOver(choices: VariantChoices, scenario: Usual): string[] {
  const { transports, backplanes, asked } = choices;
  const missing = DIMENSION_IDS.flatMap((id) => {
    const rows = dimension(id).of === 'transport' ? transports.map(transportRow) : backplanes.map(backplaneRow);
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
function exclusions(choices: VariantChoices, scenario: Usual): string[] {
  const { transports, backplanes } = choices;
  return transports.flatMap((transport) =>
    backplanes.flatMap((backplane) =>
      combinations(offersOf(transport, backplane), choices, scenario).flatMap((values) => {
        const reason = exclusion(transport, values);
        return reason === undefined ? [] : [`${transportRow(transport).label}: ${reason}`];
      }),
    ),
  );
}

function exclusion(transport: TransportId, values: DimensionValues): string | undefined {
  return transportRow(transport).excludes?.(values);
}

function optionOf(id: DimensionId): string {
  return `--${dimension(id).option}`;
}

function offersOf(transport: TransportId, backplane: BackplaneId): Offers {
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

/**
 * Nobody has what nobody takes: better said than passed over. */
function refuseStrangers({ transports, backplanes, asked }: VariantChoices): void {
  const all = transports.flatMap((transport) => backplanes.map((backplane) => offersOf(transport, backplane)));
  for (const id of DIMENSION_IDS) {
    const stranger = (asked[id] ?? []).find((value) => !all.some((offers) => has(offers, id, value)));
    if (stranger === undefined || !isOfServers(id)) continue;
    const chosen = dimension(id).of === 'transport' ? transports : backplanes;
    throw new Failure(
      'usage',
      `${optionOf(id)} ${optionText(id, stranger)}: ${chosen.join(' and ')} ${chosen.length === 1 ? 'has' : 'have'} no such thing; ${remedyFor(id, stranger)}`,
    );
  }
}

function remedyFor(id: DimensionId, value: string | number): string {
  const rows: Readonly<Record<string, { readonly dimensions: Offers }>> =
    dimension(id).of === 'transport' ? TRANSPORTS : BACKPLANES;
  const having = Object.entries(rows).filter(([, { dimensions }]) => has(dimensions, id, value));
  return having.length === 0 ? 'leave it out' : `choose ${having.map(([name]) => name).join(' or ')}, or leave it out`;
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
