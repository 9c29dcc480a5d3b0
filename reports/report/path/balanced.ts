import { dimension, DIMENSIONS, type ValueOf } from '../../../scenarios/dimensions.ts';
import { variantKey } from '../../../scenarios/variant.ts';
import { isAvailable } from '../../figures/figure.ts';
import { centreOf, type Group } from '../groups.ts';
import { auditText } from '../audit-words.ts';
import type { Report } from '../report.ts';
import { hasFaults, type Row } from '../rows.ts';

/** How clients reach the nodes: through a balancer that is set up in one way, or by themselves. */
export interface Way {
  readonly balancer: string;
  /** As it is called in sentences. */
  readonly name: string;
  readonly tuning: string | undefined;
  readonly group: Group;
}

/** Variants that differ in what stands in front of the nodes, and in nothing else. */
export interface BalancedVariant {
  /** Without what stands in front of the nodes. */
  readonly key: string;
  readonly ways: readonly Way[];
}

/** Of all variants of which at least one has a balancer. */
export function balancedVariants({ result, groups }: Report): BalancedVariant[] {
  const ways = groups.filter(({ isCopy }) => !isCopy).flatMap((group) => wayOf(group) ?? []);
  const byKey = Map.groupBy(ways, ({ group }) => keyWithout(group, result.workload));
  return [...byKey]
    .map(([key, own]) => ({ key, ways: own }))
    .filter((variant) => variant.ways.some(({ balancer }) => balancer !== DIMENSIONS.balancer.usual));
}

function wayOf(group: Group): Way | undefined {
  const [first] = group.rows;
  if (first === undefined) return undefined;
  const { balancer = DIMENSIONS.balancer.usual, tuning } = first.trial.variant.values;
  const isBalanced = balancer !== DIMENSIONS.balancer.usual;
  return {
    balancer: String(balancer),
    name: nameOf(group) ?? String(balancer),
    tuning: isBalanced ? String(tuning ?? DIMENSIONS.tuning.usual) : undefined,
    group,
  };
}

function nameOf({ counting }: Group): string | undefined {
  return counting.flatMap(({ trial }) => trial.processes).find(({ role }) => role === 'balancer')?.name;
}

function keyWithout({ rows: [first] }: Group, scenario: { readonly pollIntervalNs: number }): string {
  if (first === undefined) return '';
  const { values, ...variant } = first.trial.variant;
  const rest = Object.entries(values).filter(([id]) => id !== 'balancer' && id !== 'tuning');
  return `${first.trial.generator} ${variantKey({ ...variant, values: Object.fromEntries(rest) }, scenario)}`;
}

/** What the stock settings of a balancer do to a variant, as what was measured shows it. */
export type BalancerFinding =
  | {
      readonly kind: 'held-back';
      readonly stock: Way;
      readonly other: Way;
      readonly stockNs: number;
      readonly otherNs: number;
    }
  | {
      readonly kind: 'connection-a-poll';
      readonly stock: Way;
      readonly other: Way | undefined;
      readonly each: number;
      readonly tunedEach: number | undefined;
    }
  | { readonly kind: 'broken'; readonly stock: Way; readonly other: Way; readonly reason: string };

/** A message that comes by so much later, and so many times as late, was held back: no hop takes that long. */
const HELD_BACK_NS = 20e6;
const HELD_BACK_TIMES = 3;
/** Whoever opens a connection for every other poll keeps none. */
const MANY_CONNECTIONS = 0.5;

export function findingsOf({ ways }: BalancedVariant): BalancerFinding[] {
  return ways
    .filter(({ tuning }) => tuning === STOCK)
    .flatMap((stock) =>
      [brokenIn(stock, ways), heldBackIn(stock, ways), connectionsOf(stock, ways)].flatMap((one) => one ?? []),
    );
}

const STOCK = 'stock' satisfies ValueOf<'tuning'>;

/** What it is held against: the same balancer tuned, and nothing in between. */
function others({ balancer }: Way, ways: readonly Way[]): Way[] {
  const tuned = ways.filter((way) => way.balancer === balancer && way.tuning !== STOCK);
  return [...tuned, ...ways.filter(({ tuning }) => tuning === undefined)];
}

function heldBackIn(stock: Way, ways: readonly Way[]): BalancerFinding | undefined {
  const stockNs = medianNs(stock);
  if (stockNs === undefined || stock.group.cadence === 'interval') return undefined;
  const [freshest] = others(stock, ways)
    .flatMap((way) => {
      const ns = medianNs(way);
      return ns === undefined ? [] : [{ way, ns }];
    })
    .toSorted((a, b) => a.ns - b.ns);
  if (freshest === undefined) return undefined;
  const { way: other, ns: otherNs } = freshest;
  const isHeldBack = stockNs - otherNs >= HELD_BACK_NS && stockNs >= HELD_BACK_TIMES * otherNs;
  return isHeldBack ? { kind: 'held-back', stock, other, stockNs, otherNs } : undefined;
}

function medianNs({ group }: Way): number | undefined {
  const figure = centreOf(group, 'staleness.p50');
  return isAvailable(figure) ? figure : undefined;
}

function connectionsOf(stock: Way, ways: readonly Way[]): BalancerFinding | undefined {
  const each = connectionsEach(stock);
  if (each === undefined || each < MANY_CONNECTIONS) return undefined;
  const tuned = others(stock, ways).find(({ tuning }) => tuning !== undefined);
  return { kind: 'connection-a-poll', stock, other: tuned, each, tunedEach: tuned && connectionsEach(tuned) };
}

/** Over all trials that count. */
function connectionsEach({ group }: Way): number | undefined {
  const each = group.counting
    .map(({ figures }) => figures.balancerConnectionsPerAnswer)
    .filter((figure) => isAvailable(figure));
  return each.length === 0 ? undefined : each.reduce((sum, value) => sum + value, 0) / each.length;
}

/** Where not one trial was without a fault, and with tuned settings, or nothing in between, all of them were. */
function brokenIn(stock: Way, ways: readonly Way[]): BalancerFinding | undefined {
  const faults = stock.group.rows.map(faultOf);
  const [first] = faults;
  if (first === undefined || faults.includes(undefined)) return undefined;
  const other = others(stock, ways).find(({ group }) => group.rows.every((row) => faultOf(row) === undefined));
  return other === undefined ? undefined : { kind: 'broken', stock, other, reason: first };
}

/** Why a trial failed, or its audit did; undefined where neither. */
function faultOf(row: Row): string | undefined {
  if (row.state === 'failed') return 'message' in row.trial ? row.trial.message : 'its trial failed';
  return hasFaults(row) ? `its audit failed: ${auditText(row.trial.audit)}` : undefined;
}

/** `HAProxy with stock settings`. */
export function wayText({ name, tuning }: Pick<Way, 'name' | 'tuning'>): string {
  return tuning === undefined ? 'no balancer' : `${name} with ${dimension('tuning').say(tuning)}`;
}
