import { DIMENSION_IDS, dimension, type DimensionId, type DimensionValues } from '../../scenarios/dimensions.ts';
import { type TransportId, transportRow } from '../registry.ts';

type Value = string | number;

/** What makes no difference to clients that have no name; what it does to others stands among the abilities. */
const OF_MEMBERS: ReadonlySet<DimensionId> = new Set(['auth']);

type Assignment = readonly (readonly [DimensionId, Value])[];

/**
 * Under which values a transport is tested. All as usual comes first; the sets after it have every two values that can
 * stand together, in one of them at least: faults hang on one value or on two, and the full product would take minutes.
 */
export function valueSets(transport: TransportId): readonly [DimensionValues, ...DimensionValues[]] {
  const [usual = [], ...others] = allowedProduct(transport);
  const chosen: Assignment[] = [];
  const seen = new Set(pairsOf(usual));
  for (;;) {
    const best = others.toSorted((a, b) => unseen(b, seen) - unseen(a, seen))[0];
    if (best === undefined || unseen(best, seen) === 0) break;
    chosen.push(best);
    for (const pair of pairsOf(best)) seen.add(pair);
  }
  return [valuesOf(usual), ...chosen.map(valuesOf)];
}

/** All as usual, and each other value alone, or with what it takes for it to stand. */
export function singleValueSets(transport: TransportId): readonly DimensionValues[] {
  const [usual = [], ...others] = allowedProduct(transport);
  const seen = new Set(usual.map(String));
  const chosen: Assignment[] = [usual];
  // Those that differ least come first, so each value is met where the others are as usual, if it may be.
  const distance = (one: Assignment): number =>
    one.filter((value) => !usual.map(String).includes(String(value))).length;
  for (const one of others.toSorted((a, b) => distance(a) - distance(b))) {
    if (one.every((value) => seen.has(String(value)))) continue;
    for (const value of one) seen.add(String(value));
    chosen.push(one);
  }
  return chosen.map(valuesOf);
}

/** In words, for the name of a test: what is not as usual. */
export function valuesText(values: DimensionValues): string {
  const said = Object.entries(values).filter(([id, value]) => value !== dimension(id as DimensionId).usual);
  return said.length === 0 ? 'as usual' : said.map(([id, value]) => `${id} ${value}`).join(', ');
}

/** Of the dimensions that are choices of the transport; the usual values first. */
function allowedProduct(transport: TransportId): readonly Assignment[] {
  const { dimensions, excludes } = transportRow(transport);
  let product: Assignment[] = [[]];
  for (const id of DIMENSION_IDS) {
    const { of, values, usual, ofGenerators = false } = dimension(id);
    const offer = dimensions[id];
    if (OF_MEMBERS.has(id) || offer === undefined || of !== 'transport' || values.kind !== 'choice' || ofGenerators)
      continue;
    const offered: readonly Value[] = offer.only ?? Object.keys(values.of);
    const ordered = offered.toSorted((a, b) => Number(b === usual) - Number(a === usual));
    product = product.flatMap((before) => ordered.map((value) => [...before, [id, value] as const]));
  }
  return product.filter((one) => excludes?.(valuesOf(one)) === undefined);
}

function valuesOf(assignment: Assignment): DimensionValues {
  return Object.fromEntries(assignment) as DimensionValues;
}

function pairsOf(assignment: Assignment): string[] {
  const said = assignment.map(([id, value]) => `${id}=${value}`);
  // Of a single dimension a value is paired with itself.
  return said.flatMap((one, index) => said.slice(index).map((other) => `${one} ${other}`));
}

function unseen(assignment: Assignment, seen: ReadonlySet<string>): number {
  return pairsOf(assignment).filter((pair) => !seen.has(pair)).length;
}
