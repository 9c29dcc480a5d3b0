import { AGE_WHEN_SHOWN_AGAIN, looksAway } from '../../../scenarios/asking/rhythm.ts';
import { DIMENSIONS } from '../../../scenarios/dimensions.ts';
import { windowNs } from '../../../scenarios/result/result.ts';
import { formatBytes, formatDuration, NS_PER_SECOND, significant } from '../../../scenarios/units.ts';
import { pollIntervalNsOf, type Variant } from '../../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, per } from '../../figures/figure.ts';
import { latencyFigure } from '../../figures/figures.ts';
import { fieldOf } from '../answer/field.ts';
import { geometricMean, type Group } from '../groups.ts';
import type { Report } from '../report.ts';
import type { MeasuredRow } from '../rows.ts';

/** What one variant takes, whatever it delivers for that; clients that poll less get fewer answers, not fewer messages. */
export interface WayToPoll {
  readonly group: Group;
  readonly name: string;
  /** Of a client in a second, both directions. */
  readonly bytes: Figure;
  /** Of nodes and Redis, for a client in a second. */
  readonly cpuNs: Figure;
  readonly originReads: Figure;
  /** In the mean. */
  readonly stalenessNs: Figure;
  /** The naive kind of the same place, itself too; undefined where that was not measured, and of what does not poll. */
  readonly naive: WayToPoll | undefined;
}

export interface WaysToPoll {
  /** Those that poll first, place by place: as fresh as the naive kind before what is not, and of each the fewest bytes first. */
  readonly ways: readonly WayToPoll[];
  /** What took the least of what is as fresh as the naive kind, and what takes less for being staler; of the first place first. */
  readonly sentences: readonly string[];
  /** Of the first place, what is to be said of bytes. */
  readonly headlines: readonly string[];
  /** What must be known of tabs that are hidden at times; undefined where there are none. */
  readonly away: string | undefined;
}

/** What a client that polls in earnest does other than the naive one: the one that asks each time, for itself, over a connection that stays. */
const DONE_WELL = ['ask', 'cache', 'keepalive'] as const;
/** In other respects ways of one place are alike. */
const OF_PLACE = ['nodes', 'origin', 'deliver', 'headers', 'compression', 'auth', 'reconnect'] as const;
/** What is no more than so many times as old is as fresh, and what takes no less than one of so many takes as much. */
const ALIKE = 1.1;

/** Undefined where clients polled in one way alone, and nothing is to choose. */
export function waysToPollOf(report: Report): WaysToPoll | undefined {
  const { nameOf } = fieldOf(report);
  const groups = report.groups.filter(({ counting, isCopy }) => counting.length > 0 && !isCopy);
  const polling = groups.filter(({ cadence }) => cadence === 'interval');
  if (polling.every(isNaive) || polling.length < 2) return undefined;
  const wayOf = (group: Group): WayToPoll => ({
    group,
    name: nameOf(group),
    naive: undefined,
    ...costsOf(group.counting),
  });
  const places = [...Map.groupBy(polling.map(wayOf), (way) => placeOf(report, way)).values()].map(besideNaive);
  return {
    ways: [
      ...places.flatMap((ways) => ways.toSorted(byRank)),
      ...groups.filter((group) => !polling.includes(group)).map(wayOf),
    ],
    sentences: places.flatMap((ways) => COSTS.flatMap((cost) => sentencesOf(ways, cost))),
    headlines: sentencesOf(places[0] ?? [], BYTES),
    away: awayText(report, polling),
  };
}

/** How fresh a way is beside the naive kind; `away`: its ages are of other moments, those at which somebody looked. */
type Freshness = 'as-fresh' | 'away' | 'staler';
const FRESHNESS_ORDER: readonly Freshness[] = ['as-fresh', 'away', 'staler'];

function freshnessOf({ group, naive, stalenessNs }: WayToPoll): Freshness {
  if (looksAway(variantOf(group)?.values ?? {})) return 'away';
  const times = timesNaive(naive?.stalenessNs, stalenessNs);
  return isAvailable(times) && times <= ALIKE ? 'as-fresh' : 'staler';
}

/** How many times that of the naive kind the mean staleness is; of one that looks away there is no such number. */
export function timesAsOld(way: WayToPoll): Figure {
  if (freshnessOf(way) === 'away') return { reason: 'its ages are those while a tab was shown' };
  return timesNaive(way.naive?.stalenessNs, way.stalenessNs);
}

function awayText({ result }: Report, groups: readonly Group[]): string | undefined {
  const variant = groups.map(variantOf).find((one) => one !== undefined && looksAway(one.values));
  if (variant === undefined) return undefined;
  const ageNs = AGE_WHEN_SHOWN_AGAIN * pollIntervalNsOf(variant, result.workload);
  return `Where hidden tabs rest, half of the tabs are hidden at any time: they ask nothing, and ages are those while a tab is shown. One that is looked at again shows what it had ${formatDuration(ageNs)} before, until its answer has come.`;
}

/** Of the figure of a way, how many times that of the naive kind it is. */
export function timesNaive(naive: Figure | undefined, own: Figure): Figure {
  if (naive === undefined) return { reason: 'the naive kind of the same place was not measured' };
  return derive([own, naive], (value, of) => value / of);
}

function isNaive(group: Group): boolean {
  const values = variantOf(group)?.values ?? {};
  return DONE_WELL.every((id) => (values[id] ?? DIMENSIONS[id].usual) === DIMENSIONS[id].usual);
}

function besideNaive(ways: readonly WayToPoll[]): WayToPoll[] {
  const naive = ways.find(({ group }) => isNaive(group));
  return ways.map((way) => ({ ...way, naive }));
}

function byRank(one: WayToPoll, other: WayToPoll): number {
  const bytes = ({ bytes: figure }: WayToPoll): number => (isAvailable(figure) ? figure : 0);
  const place = (way: WayToPoll): number => FRESHNESS_ORDER.indexOf(freshnessOf(way));
  return place(one) - place(other) || bytes(one) - bytes(other);
}

function variantOf({ counting }: Group): Variant | undefined {
  return counting[0]?.trial.variant;
}

function costsOf(rows: readonly MeasuredRow[]): Pick<WayToPoll, 'bytes' | 'cpuNs' | 'originReads' | 'stalenessNs'> {
  const mean = (of: (row: MeasuredRow) => Figure): Figure => geometricMean(rows.map(of));
  return {
    bytes: mean(({ figures }) => figures.wireBytesPerClientSecond),
    cpuNs: mean(serverCpu),
    originReads: mean(({ figures }) => figures.originReadsPerNodeSecond),
    stalenessNs: mean(({ figures }) => latencyFigure(figures.staleness, 'meanNs')),
  };
}

/** A Redis that is not the run's own is in no figure. */
function serverCpu({ trial, figures: { cpuNs } }: MeasuredRow): Figure {
  const total = isAvailable(cpuNs.redis)
    ? derive([cpuNs.node, cpuNs.redis], (node, redis) => node + redis)
    : cpuNs.node;
  return per(total, (trial.clients * windowNs(trial)) / NS_PER_SECOND, 'the window is empty');
}

/** Over the same nodes and origin, at the same interval, for the same messages. */
function placeOf({ result }: Report, { group }: WayToPoll): string {
  const variant = variantOf(group);
  if (variant === undefined) return '';
  const { transport, backplane, values } = variant;
  const clients = group.counting[0]?.trial.clients;
  const intervalNs = pollIntervalNsOf(variant, result.workload);
  return JSON.stringify([transport, backplane, clients, intervalNs, ...OF_PLACE.map((id) => values[id])]);
}

/** Whether something stands behind its node that is asked for it. */
export function asksOrigin({ group }: WayToPoll): boolean {
  return (variantOf(group)?.values['origin'] ?? DIMENSIONS.origin.usual) !== DIMENSIONS.origin.usual;
}

interface Cost {
  readonly of: (way: WayToPoll) => Figure;
  readonly less: string;
  readonly least: string;
  readonly say: (value: number) => string;
  /** Whether it is one, of such a way. */
  readonly counts?: (way: WayToPoll) => boolean;
}

const BYTES: Cost = {
  of: ({ bytes }) => bytes,
  less: 'fewer bytes',
  least: 'the fewest bytes',
  say: (bytes) => `${formatBytes(bytes)} a client and second`,
};

const COSTS: readonly Cost[] = [
  BYTES,
  {
    of: ({ cpuNs }) => cpuNs,
    less: 'less server CPU',
    least: 'the least server CPU',
    say: (ns) => `${formatDuration(ns)} for a client and second`,
  },
  {
    of: ({ originReads }) => originReads,
    less: 'fewer origin reads',
    least: 'the fewest origin reads',
    say: (reads) => `${significant(reads)} a node and second`,
    // What stands in its own memory a node has for nothing.
    counts: asksOrigin,
  },
];

interface Priced {
  readonly way: WayToPoll;
  readonly value: number;
}

/** Of one place. What is staler is never first: what it takes less is said with what it costs. */
function sentencesOf(ways: readonly WayToPoll[], cost: Cost): string[] {
  const known = ways
    .filter((way) => cost.counts?.(way) ?? true)
    .flatMap((way): Priced[] => {
      const value = cost.of(way);
      return isAvailable(value) ? [{ way, value }] : [];
    })
    .toSorted((a, b) => a.value - b.value);
  const naive = known.find(({ way }) => isNaive(way.group));
  const least = (freshness: Freshness): Priced | undefined => known.find(({ way }) => freshnessOf(way) === freshness);
  const best = least('as-fresh');
  if (naive === undefined || best === undefined || known.length < 2) return [];
  const first = isLess(best, naive) ? best : naive;
  const away = least('away');
  const staler = least('staler');
  return [
    leastText(first, naive, cost),
    ...(away !== undefined && isLess(away, naive) ? [awayCostText(away, naive, cost)] : []),
    ...(staler !== undefined && isLess(staler, first) ? [stalerText(staler, naive, cost)] : []),
  ];
}

function isLess(one: Priced, other: Priced): boolean {
  return other.value / one.value > ALIKE;
}

function awayCostText({ way, value }: Priced, naive: Priced, { less, say }: Cost): string {
  return `${way.name} took ${less} with half of its tabs hidden, which asked nothing: ${say(value)}, ${significant(value / naive.value)} times what the naive kind took.`;
}

function leastText(best: Priced, naive: Priced, { less, least, say }: Cost): string {
  if (best === naive)
    return `Of what was as fresh, nothing took ${less} than the naive kind, ${naive.way.name}: ${say(naive.value)}.`;
  return `Of what was as fresh as the naive kind, ${best.way.name} took ${least}: ${say(best.value)}. The naive kind, ${naive.way.name}, took ${significant(naive.value / best.value)} times that: ${say(naive.value)}.`;
}

function stalerText({ way, value }: Priced, naive: Priced, { less, say }: Cost): string {
  const times = timesNaive(naive.way.stalenessNs, way.stalenessNs);
  const price = isAvailable(times)
    ? `messages ${significant(times)} times as old (${ageText(way)} against ${ageText(naive.way)} in the mean)`
    : 'a freshness that is not known';
  return `${way.name} took ${less} for ${price}: ${say(value)}, ${significant(value / naive.value)} times what the naive kind took.`;
}

function ageText({ stalenessNs }: WayToPoll): string {
  return isAvailable(stalenessNs) ? formatDuration(stalenessNs) : 'n/a';
}
