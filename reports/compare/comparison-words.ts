import { significant } from '../../scenarios/units.ts';
import type { ComparedMetric } from '../figures/compared.ts';
import { countOf, distinct, listOf } from '../figures/wording.ts';
import type { Compared } from './change.ts';
import type { ComparedRun, ComparedVariant, PlacedChange, RunComparison } from './run-comparison.ts';

/** What a comparison says before any table: plain text. */
export interface ComparisonWords {
  /** What changed, the largest first, and how much did not. */
  readonly verdict: readonly string[];
  /** What not to believe, or where else a difference may come from. */
  readonly doubts: readonly string[];
}

type Call = 'differs' | 'chance' | 'none' | 'unknown';

/** Between separate runs, what is smaller than this is better asked of one campaign. */
const SMALL = 1.25;

export function wordsOf(comparison: RunComparison): ComparisonWords {
  return { verdict: verdictOf(comparison), doubts: doubtsOf(comparison) };
}

/** `chance`: it leaves out 1, and among so many comparisons some do by chance. */
export function callOf(change: PlacedChange): Call {
  if (change.state === 'unknown') return 'unknown';
  if (!change.estimate.differs) return 'none';
  return change.holdsForAll ? 'differs' : 'chance';
}

function verdictOf(comparison: RunComparison): string[] {
  const { variants } = comparison;
  const placed = variants.flatMap((variant) => variant.changes.map((change) => ({ variant, change })));
  if (placed.length === 0) return ['Nothing can be compared: no variant was measured in the first run and in another.'];
  const of = (call: Call): Placed[] =>
    placed.flatMap(({ variant, change }) =>
      change.state === 'compared' && callOf(change) === call ? [{ variant, change }] : [],
    );
  const found = [...bySize(of('differs')), ...bySize(of('chance'))].map((one) => sentenceOf(one, comparison));
  return [...found, restText({ found: found.length, none: of('none').length }, placed.length)];
}

interface Placed {
  readonly variant: ComparedVariant;
  readonly change: Compared & PlacedChange;
}

function bySize(placed: readonly Placed[]): Placed[] {
  const size = ({ change }: Placed): number => Math.abs(Math.log(change.estimate.ratio));
  return placed.toSorted((a, b) => size(b) - size(a));
}

function sentenceOf({ variant, change }: Placed, { runs }: RunComparison): string {
  const { metric, run, before, after } = change;
  const [baseline] = runs;
  const chance = callOf(change) === 'chance' ? ' Among so many comparisons that may be chance.' : '';
  return `${variant.named.label} ${changeText(change)} in ${run.name}: ${metric.format(before)} in ${baseline.name}, ${metric.format(after)} in ${run.name}.${chance}`;
}

function changeText({ metric, estimate: { ratio, low, high } }: Placed['change']): string {
  if (!metric.id.startsWith('staleness'))
    return `took ${timesText(ratio)} times the ${metric.label} (${timesText(low)} to ${timesText(high)})`;
  const what = metric.label.replace('staleness ', '');
  return ratio >= 1
    ? `was ${timesText(ratio)} times staler (${timesText(low)} to ${timesText(high)}) at ${what}`
    : `was ${timesText(1 / ratio)} times fresher (${timesText(1 / high)} to ${timesText(1 / low)}) at ${what}`;
}

/** `3.90`, `869`; within 5 % of 1 with three decimals. */
function timesText(ratio: number): string {
  return Math.abs(ratio - 1) < NEAR ? ratio.toFixed(3) : significant(ratio);
}

const NEAR = 0.05;

function restText({ found, none }: { readonly found: number; readonly none: number }, all: number): string {
  const unknown = all - found - none;
  const missing = unknown === 0 ? '' : ` ${countOf(unknown, 'comparison')} could not be made.`;
  if (none === 0) return found === 0 ? `Nothing could be compared.${missing}` : missing.trim();
  const rest = found === 0 ? `In ${countOf(none, 'comparison')}` : `In the other ${countOf(none, 'comparison')}`;
  return `${rest} no difference was found.${missing}`;
}

function doubtsOf(comparison: RunComparison): string[] {
  return [
    ...sameRuns(comparison.runs),
    ...causes(comparison),
    ...manyComparisons(comparison),
    ...suspects(comparison),
    ...partialRuns(comparison.runs),
    ...unmatched(comparison),
    ...smallDifferences(comparison),
  ];
}

function sameRuns([baseline, ...others]: RunComparison['runs']): string[] {
  return others
    .filter(({ report }) => report.result.id === baseline.report.result.id)
    .map(({ name }) => `${baseline.name} and ${name} are the same run, ${baseline.report.result.id}.`);
}

function causes({ differences, runs }: RunComparison): string[] {
  const names = differences.filter(({ isCause }) => isCause).map(({ name }) => name);
  const scenarios = distinct(runs.map(({ report }) => report.result.workload.name));
  return [
    ...(scenarios.length > 1
      ? [`These are different scenarios (${listOf(scenarios)}): their figures answer different questions.`]
      : []),
    ...(names.length > 0 ? [`What differs may come from ${listOf(names)}: the runs are not alike in that.`] : []),
  ];
}

function manyComparisons({ variants }: RunComparison): string[] {
  const changes = variants.flatMap((variant) => variant.changes);
  const chance = changes.filter((change) => callOf(change) === 'chance').length;
  const compared = changes.filter(({ state }) => state === 'compared').length;
  if (chance === 0) return [];
  return [
    `Of ${countOf(compared, 'comparison')} at 95 % about ${Math.max(1, Math.round(compared / 20))} would leave out 1 by chance; ${chance === 1 ? 'one of those found is' : `${chance} of those found are`} no surer than that.`,
  ];
}

function suspects({ runs }: RunComparison): string[] {
  return runs.flatMap(({ name, report }) => {
    const counting = report.groups.flatMap((group) => group.counting);
    const count = counting.filter(({ verdict }) => verdict.state === 'suspect').length;
    return count === 0
      ? []
      : [`${count} of ${countOf(counting.length, 'trial')} in ${name} ${count === 1 ? 'is' : 'are'} suspect.`];
  });
}

function partialRuns(runs: RunComparison['runs']): string[] {
  return runs
    .filter(({ report }) => report.result.partial)
    .map(({ name }) => `${name} is partial: it was stopped early.`);
}

function unmatched({ unmatched: variants }: RunComparison): string[] {
  return variants.map(({ label, runs }) => `${label} was measured in ${listOf(runs)} alone.`);
}

/** Where nothing, or nothing large, was found. */
function smallDifferences({ variants }: RunComparison): string[] {
  const found = variants
    .flatMap(({ changes }) => changes)
    .filter((change): change is Compared & PlacedChange => change.state === 'compared' && change.estimate.differs);
  const isLarge = ({ estimate: { ratio } }: Compared): boolean => ratio >= SMALL || ratio <= 1 / SMALL;
  if (found.length > 0 && found.every(isLarge)) return [];
  return [`Separate runs differ by themselves: for differences below ×${SMALL}, run both versions in one campaign.`];
}

/** `no difference found (1.02, 0.94 to 1.10); one of ×1.18 would have been`. */
export function resultText(change: PlacedChange): string {
  if (change.state === 'unknown') return `not compared: ${change.reason}`;
  const { estimate } = change;
  const { ratio, low, high } = estimate;
  return estimate.differs
    ? `${timesText(ratio)} times (${timesText(low)} to ${timesText(high)})`
    : `no difference found (${timesText(ratio)}, ${timesText(low)} to ${timesText(high)}); one of ${smallestText(estimate)} would have been`;
}

/** `1.02 (0.94 to 1.10)`; in brief without its interval. */
export function intervalText({ ratio, low, high }: Compared['estimate'], { brief = false } = {}): string {
  return brief ? timesText(ratio) : `${timesText(ratio)} (${timesText(low)} to ${timesText(high)})`;
}

/** What would have been found, four times in five: `×1.35`, `0.2 %`. */
export function smallestText({ smallest }: Compared['estimate']): string {
  return smallest < 1 + NEAR ? `${Number((100 * (smallest - 1)).toPrecision(2))} %` : `×${significant(smallest)}`;
}

/** `A: 2026-11-25 17:50, commit 2bdc7051`. */
export function runText({ name, report: { result } }: ComparedRun, moment: (iso: string) => string): string {
  const commit = result.environment['commit'];
  return `${name}: ${result.workload.name}, ${moment(result.startedAt)}${typeof commit === 'string' ? `, commit ${commit.slice(0, 8)}` : ''}`;
}

/** Amounts before and after, as the table has them. */
export function amountsText(metric: ComparedMetric, { before, after }: Compared): string {
  return `${metric.format(before)} → ${metric.format(after)}`;
}
