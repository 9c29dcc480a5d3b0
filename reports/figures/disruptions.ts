import { type Fault, faultRow, faultText } from '../../scenarios/faults.ts';
import { isReconnectPolicy, reconnectPolicy } from '../../scenarios/reconnect/policy.ts';
import { timesOfShares, type TimesOfShares } from '../../scenarios/reconnect/shares.ts';
import { type Comeback, simulateComeback } from '../../scenarios/reconnect/simulation.ts';
import type { Episode } from '../../scenarios/result/disruption.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { type CountedEnd, mergeEnds } from '../../scenarios/session-end.ts';
import { formatDuration, NS_PER_MS } from '../../scenarios/units.ts';
import { nodesOf, type Variant } from '../../scenarios/variant.ts';
import { sum } from './figure.ts';

/** What came of one fault in a variant's trials. */
export interface DisruptionFigures {
  readonly fault: Fault;
  readonly node: number | null;
  /** How long it lasted, in the trial in which that was shortest; null where it was not undone in one of them. */
  readonly lastedNs: number | null;
  readonly trials: number;
  /** In all trials together. */
  readonly dropped: number;
  readonly neverBack: number;
  /** Of each who was dropped. */
  readonly triesEach: number;
  /** From the fault on; of several trials the middle one, share by share. */
  readonly connectedNs: TimesOfShares;
  readonly caughtUpNs: TimesOfShares;
  readonly mostConnectsPerSecond: number;
  /** The oldest of all. */
  readonly oldestMissedNs: number | null;
  readonly ends: readonly CountedEnd[];
  /** What the policy alone would make of it, where that can be said. */
  readonly simulated: Simulated | undefined;
}

interface Simulated extends Pick<Comeback, 'mostPerSecond'> {
  readonly connectedNs: TimesOfShares;
}

/** One for each fault, in the order in which they happened; empty where nothing was made to happen. */
export function disruptionsOf(trials: readonly MeasuredTrial[]): DisruptionFigures[] {
  const [first] = trials;
  const episodes = first?.disruption?.episodes ?? [];
  return episodes.flatMap(({ fault }, index): DisruptionFigures[] => {
    const own = trials.flatMap((trial) => trial.disruption?.episodes[index] ?? []);
    return first === undefined ? [] : [figuresOf(fault, own, first.variant)];
  });
}

function figuresOf(fault: Fault, episodes: readonly Episode[], variant: Variant): DisruptionFigures {
  const dropped = sum(episodes.map((episode) => episode.dropped));
  const missed = episodes.flatMap(({ oldestMissedNs }) => oldestMissedNs ?? []);
  return {
    fault,
    node: episodes[0]?.node ?? null,
    lastedNs: shortest(episodes.map(({ doneNs, undoneNs }) => (undoneNs === null ? null : undoneNs - doneNs))),
    trials: episodes.length,
    dropped,
    neverBack: sum(episodes.map(({ neverBack }) => neverBack)),
    triesEach: dropped === 0 ? 0 : sum(episodes.map(({ tries }) => tries)) / dropped,
    connectedNs: middleCurve(episodes.map(({ connectedNs }) => connectedNs)),
    caughtUpNs: middleCurve(episodes.map(({ caughtUpNs }) => caughtUpNs)),
    mostConnectsPerSecond: middle(episodes.map(({ mostConnectsPerSecond }) => mostConnectsPerSecond)) ?? 0,
    oldestMissedNs: missed.length === 0 ? null : Math.max(...missed),
    ends: mergeEnds(episodes.flatMap(({ ends }) => ends)),
    simulated: simulatedOf(fault, episodes, variant),
  };
}

function shortest(lengths: readonly (number | null)[]): number | null {
  return lengths.includes(null) ? null : Math.min(...lengths.map(Number));
}

/** Never comes last. */
function middleCurve(curves: readonly TimesOfShares[]): TimesOfShares {
  const [first = []] = curves;
  return first.map((_, percent) => {
    const time = middle(curves.map((curve) => curve[percent] ?? Number.POSITIVE_INFINITY));
    return time === undefined || time === Number.POSITIVE_INFINITY ? null : time;
  });
}

/** Of an even number the later one of the two. */
function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Any other would do; with the same one a report is the same each time that it is made. */
const SIMULATION_SEED = 1;

/**
 * Where a node ends, its clients are told at once, and another one is there: at once where there are several nodes, otherwise when
 * it was started again. Of what stands still or is cut, they learn at times that no policy knows.
 */
function simulatedOf({ kind }: Fault, episodes: readonly Episode[], variant: Variant): Simulated | undefined {
  const { reconnect } = variant.values;
  const [episode] = episodes;
  if (typeof reconnect !== 'string' || !isReconnectPolicy(reconnect) || episode === undefined) return undefined;
  if (faultRow(kind).strikes !== 'node' || faultRow(kind).lasts === 'needed' || episode.dropped === 0) return undefined;
  const { undoneNs, doneNs, dropped } = episode;
  const downNs = nodesOf(variant) > 1 ? 0 : (undoneNs ?? Number.POSITIVE_INFINITY) - doneNs;
  if (downNs === Number.POSITIVE_INFINITY) return undefined;
  const { pollIntervalNs } = variant.values;
  const noticeMs = typeof pollIntervalNs === 'number' ? pollIntervalNs / NS_PER_MS : 0;
  const outage = { clients: dropped, downMs: downNs / NS_PER_MS, noticeMs, seed: SIMULATION_SEED };
  const { timesNs, mostPerSecond } = simulateComeback(reconnectPolicy(reconnect), outage);
  const sinceFault = timesNs.map((timeNs) => timeNs + downNs);
  return { mostPerSecond, connectedNs: timesOfShares(sinceFault, dropped) };
}

/** `kill-node@2s: 667 dropped, all back; connected 50 % after 1.10 s, 100 % after 1.21 s; …` */
export function disruptionText(figures: DisruptionFigures): string {
  const { fault, dropped, neverBack, connectedNs, caughtUpNs, mostConnectsPerSecond, simulated } = figures;
  const fate = neverBack === 0 ? 'all back' : `${count(neverBack)} never back`;
  if (dropped === 0) return `${faultText(fault)}${lengthText(figures)}: nobody dropped`;
  const beside = simulated === undefined ? '' : ` (simulated ${count(simulated.mostPerSecond)})`;
  return [
    `${faultText(fault)}${lengthText(figures)}: ${count(dropped)} dropped, ${fate}`,
    `connected ${after(connectedNs, 50)}, ${after(connectedNs, 100)}`,
    `caught up ${after(caughtUpNs, 50)}, ${after(caughtUpNs, 100)}`,
    `at most ${count(mostConnectsPerSecond)} connects/s${beside}`,
  ].join('; ');
}

/** What was planned was not what came of it where the trial ended before. */
export function lengthText({ fault, lastedNs }: Pick<DisruptionFigures, 'fault' | 'lastedNs'>): string {
  if (fault.forNs === null) return '';
  if (lastedNs === null) return ' (to the end of the trial)';
  return lastedNs < SHORTER * fault.forNs ? ` (${formatDuration(lastedNs)}, to the end of the trial)` : '';
}

/** Less than this share of what was planned is no accident of timers. */
const SHORTER = 0.9;

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function after(times: TimesOfShares, percent: number): string {
  const timeNs = times[percent] ?? null;
  return timeNs === null ? `${percent} % never` : `${percent} % after ${formatDuration(timeNs)}`;
}
