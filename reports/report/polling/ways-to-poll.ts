import { DIMENSIONS } from '../../../scenarios/dimensions.ts';
import { windowNs } from '../../../scenarios/result/result.ts';
import { exactDuration, formatBytes, formatDuration, NS_PER_SECOND, significant } from '../../../scenarios/units.ts';
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
}

export interface WaysToPoll {
  /** Those that poll first, in the order of the report. */
  readonly ways: readonly WayToPoll[];
  /** Which of those that poll took the least, and what the naive kind of the same place takes more. */
  readonly sentences: readonly string[];
}

/** What a client that polls in earnest does other than the naive one: the one that asks each time, for itself, over a connection that stays. */
const DONE_WELL = ['ask', 'cache', 'deliver', 'keepalive'] as const;

/** Undefined where clients polled in one way alone, and nothing is to choose. */
export function waysToPollOf(report: Report): WaysToPoll | undefined {
  const { nameOf } = fieldOf(report);
  const groups = report.groups.filter(({ counting, isCopy }) => counting.length > 0 && !isCopy);
  const polling = groups.filter(({ cadence }) => cadence === 'interval');
  if (polling.every(isNaive) || polling.length < 2) return undefined;
  const wayOf = (group: Group): WayToPoll => ({ group, name: nameOf(group), ...costsOf(group.counting) });
  const polls = polling.map(wayOf);
  return {
    ways: [...polls, ...groups.filter((group) => !polling.includes(group)).map(wayOf)],
    sentences: [
      ...least(report, polls, {
        of: ({ bytes }) => bytes,
        what: 'bytes',
        say: (bytes) => `${formatBytes(bytes)} a client and second`,
      }),
      ...least(report, polls, {
        of: ({ cpuNs }) => cpuNs,
        what: 'server CPU',
        say: (ns) => `${formatDuration(ns)} for a client and second`,
      }),
    ],
  };
}

function isNaive(group: Group): boolean {
  const values = variantOf(group)?.values ?? {};
  return DONE_WELL.every((id) => (values[id] ?? DIMENSIONS[id].usual) === DIMENSIONS[id].usual);
}

function variantOf({ counting }: Group): Variant | undefined {
  return counting[0]?.trial.variant;
}

function costsOf(rows: readonly MeasuredRow[]): Omit<WayToPoll, 'group' | 'name'> {
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

interface Cost {
  readonly of: (way: WayToPoll) => Figure;
  readonly what: string;
  readonly say: (value: number) => string;
}

function least(report: Report, ways: readonly WayToPoll[], { of, what, say }: Cost): string[] {
  const known = ways.flatMap((way) => {
    const value = of(way);
    return isAvailable(value) ? [{ way, value }] : [];
  });
  const [best] = known.toSorted((a, b) => a.value - b.value);
  if (best === undefined) return [];
  const naive = known.find(({ way }) => isNaive(way.group) && placeOf(report, way) === placeOf(report, best.way));
  const first = `Of the ways to poll that were measured ${best.way.name} took the least ${what}: ${say(best.value)}, ${ageText(best.way)}.`;
  if (naive === undefined || naive === best)
    return [
      naive === best
        ? `${first} That is the naive kind.`
        : `${first} The naive kind of the same place was not measured.`,
    ];
  const times = significant(naive.value / best.value);
  return [
    `${first} The naive kind, ${naive.way.name}, takes ${times} times as much: ${say(naive.value)}, ${ageText(naive.way)}.`,
  ];
}

/** What the best of a place is held against: the naive kind over the same nodes and origin, at the same interval. */
function placeOf({ result }: Report, { group }: WayToPoll): string {
  const variant = variantOf(group);
  if (variant === undefined) return '';
  const { nodes, origin, headers, compression } = variant.values;
  const intervalNs = pollIntervalNsOf(variant, result.workload);
  return JSON.stringify([
    variant.transport,
    variant.backplane,
    nodes,
    origin,
    headers,
    compression,
    exactDuration(intervalNs),
  ]);
}

function ageText({ stalenessNs }: WayToPoll): string {
  return isAvailable(stalenessNs) ? `messages ${formatDuration(stalenessNs)} old in the mean` : 'of unknown freshness';
}
