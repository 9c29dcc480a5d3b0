import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { isSupported, supportText } from '../figures/statistics.ts';
import { countOf } from '../figures/wording.ts';
import { centreOf, type Group, messagesOf, rangeOf } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { isSuspect } from '../report/rows.ts';
import { changeBetween, type Compared } from '../compare/change.ts';
import { matchableGroups } from '../compare/matching.ts';
import { type Assertion, holds, type Regression, type Rule } from './rule.ts';
import { selectedGroups } from './selection.ts';

/** What came of a rule for one variant that it names. */
export interface Judgement {
  readonly rule: Rule;
  /** `WebSocket, redis × 3`. */
  readonly variant: string;
  /** What cannot be judged did not hold: a guard that sees nothing must not be silent. */
  readonly state: 'held' | 'failed' | 'undecided';
  /** What was found, with its numbers, or why it cannot be judged. */
  readonly text: string;
}

export function isBroken({ state }: Judgement): boolean {
  return state !== 'held';
}

/** One for each variant that it names. */
export function judgeAssertion(report: Report, assertion: Assertion): Judgement[] {
  return selectedGroups(assertion, report).map((group) => ({
    rule: assertion,
    variant: group.label,
    ...judgeGroup(group, assertion),
  }));
}

function judgeGroup(group: Group, assertion: Assertion): Pick<Judgement, 'state' | 'text'> {
  const { metric, bound } = assertion;
  const unknown = whyUnknown(group, metric);
  const centre = centreOf(group, metric);
  if (unknown !== undefined) return { state: 'undecided', text: unknown };
  if (!isAvailable(centre)) return { state: 'undecided', text: `n/a: ${centre.reason}` };
  return {
    state: holds(assertion, centre, bound) ? 'held' : 'failed',
    text: `${COMPARED[metric].format(centre)}${scatterText(group, metric)}`,
  };
}

/** Of a rule whose variants are in none of the results: they ended before. */
export function notMeasured(rule: Rule): Judgement {
  return { rule, variant: rule.selector, state: 'undecided', text: 'nothing of it was measured' };
}

/** One for each variant that it names. */
export function judgeRegression(
  { before, after }: { readonly before: Report; readonly after: Report },
  regression: Regression,
): Judgement[] {
  const matches = matchableGroups(before);
  const newer = matchableGroups(after);
  const names = new Map([...newer].map(([key, group]) => [group, key]));
  const judged = selectedGroups(regression, after).map((group): Judgement => {
    const old = matches.get(names.get(group) ?? '');
    return {
      rule: regression,
      variant: group.label,
      ...(old === undefined
        ? { state: 'undecided', text: 'the baseline has no such variant' }
        : judgeChange({ before: { report: before, group: old }, after: { report: after, group } }, regression)),
    };
  });
  return [...judged, ...missingOf(regression, before, newer)];
}

/** What the baseline alone has: a guard of all variants must not be silent when some are not measured any more. */
function missingOf(rule: Rule, before: Report, newer: ReadonlyMap<string, Group>): Judgement[] {
  const names = new Map([...matchableGroups(before)].map(([key, group]) => [group, key]));
  return selectedGroups(rule, before)
    .filter((group) => !newer.has(names.get(group) ?? ''))
    .map(({ label }) => ({ rule, variant: label, state: 'undecided', text: 'only the baseline has such a variant' }));
}

function judgeChange(
  sides: Parameters<typeof changeBetween>[0],
  { metric, ...regression }: Regression,
): Pick<Judgement, 'state' | 'text'> {
  const unknown = whyUnknown(sides.before.group, metric) ?? whyUnknown(sides.after.group, metric);
  const change = changeBetween(sides, metric, 1);
  if (unknown !== undefined) return { state: 'undecided', text: unknown };
  if (change.state === 'unknown') return { state: 'undecided', text: change.reason };
  const { ratio, differs } = change.estimate;
  // What is beyond the bound by chance is no failure, and neither is what is surely there and within it.
  const isFailure = differs && holds(regression, ratio, regression.factor);
  return { state: isFailure ? 'failed' : 'held', text: changeText(change, metric) };
}

function changeText({ before, after, estimate }: Compared, metric: ComparedMetricId): string {
  const { format } = COMPARED[metric];
  const { ratio, low, high, smallest, differs } = estimate;
  const amounts = `${format(before)} → ${format(after)}`;
  const size = `${percentChange(ratio)}, ${percentChange(low)} to ${percentChange(high)}`;
  return differs
    ? `${size}: ${amounts}`
    : `no difference found (${size}); one of ${percentChange(smallest)} would have been: ${amounts}`;
}

const WHOLE_FROM = 0.1;

/** `+309 %`, `−2.9 %`. */
function percentChange(ratio: number): string {
  const change = ratio - 1;
  const percent = (100 * Math.abs(change)).toFixed(Math.abs(change) < WHOLE_FROM ? 1 : 0);
  return `${change < 0 ? '−' : '+'}${percent} %`;
}

/** Why nothing can be said by a figure of these trials; undefined where something can. */
function whyUnknown(group: Group, metric: ComparedMetricId): string | undefined {
  const { counting } = group;
  if (counting.length === 0) return whyNoneCounts(group);
  if (counting.every(isSuspect)) return `every trial of it is suspect (${suspicionsOf(group).join(', ')})`;
  const { percentile } = COMPARED[metric];
  const messages = messagesOf(group);
  if (percentile !== undefined && !isSupported(percentile, messages))
    return `too few messages for p${percentile}: ${supportText(messages)}`;
  return undefined;
}

function whyNoneCounts({ rows }: Group): string {
  const [failed] = rows.filter((row) => row.state === 'failed').toReversed();
  return failed === undefined
    ? 'no trial of it counts: none is in a whole block'
    : `it could not be measured: ${failed.trial.message}`;
}

function suspicionsOf({ counting }: Group): string[] {
  const codes = counting.flatMap(({ verdict }) => (verdict.state === 'suspect' ? verdict.reasons : []));
  return [...new Set(codes.map(({ code }) => code))];
}

function scatterText(group: Group, metric: ComparedMetricId): string {
  const trials = group.counting.length;
  const range = rangeOf(group, metric);
  if (range === undefined || trials < 2) return ' (one trial)';
  const [low, high] = range.map(COMPARED[metric].format);
  return low === high
    ? ` (in each of ${countOf(trials, 'trial')})`
    : ` (${low} to ${high} in ${countOf(trials, 'trial')})`;
}
