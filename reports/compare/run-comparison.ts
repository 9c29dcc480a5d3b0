import { COMPARED, type ComparedMetric, type ComparedMetricId } from '../figures/compared.ts';
import { distinct } from '../figures/wording.ts';
import { type Group, upperPercentile } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import type { Named } from '../report/rows.ts';
import { type Change, changeBetween } from './change.ts';
import { matchedGroups } from './matching.ts';
import { type Difference, differencesOf } from './run-differences.ts';

/** Several results of a scenario, each held against the first. */
export interface RunComparison {
  /** The baseline, and what is compared with it. */
  readonly runs: readonly [ComparedRun, ...ComparedRun[]];
  readonly metrics: readonly ComparedMetric[];
  /** Measured in the baseline and in another one. */
  readonly variants: readonly ComparedVariant[];
  /** Measured in some runs alone, so that nothing can be held against it. */
  readonly unmatched: readonly UnmatchedVariant[];
  readonly differences: readonly Difference[];
}

export interface ComparedRun {
  /** `A`, `B`, …: what it is called in tables. */
  readonly name: string;
  readonly report: Report;
}

export interface ComparedVariant {
  readonly key: string;
  readonly named: Named;
  /** By the place of the run; undefined where it has no such variant. */
  readonly groups: readonly (Group | undefined)[];
  /** Every metric of every other run that has it. */
  readonly changes: readonly PlacedChange[];
}

/** What became of a metric of a variant between the baseline and another run. */
export type PlacedChange = Change & { readonly metric: ComparedMetric; readonly run: ComparedRun };

interface UnmatchedVariant {
  readonly label: string;
  /** Names of the runs that have it. */
  readonly runs: readonly string[];
}

export function compareRuns(reports: readonly Report[]): RunComparison {
  const [first, ...others] = reports.map((report, index): ComparedRun => ({ report, name: nameAt(index) }));
  if (first === undefined) throw new RangeError('nothing to compare');
  const runs = [first, ...others] as const;
  const groups = matchedGroups(reports);
  const metrics = metricsOf(groups.flatMap((byKey) => [...byKey.values()]));
  const keys = distinct(groups.flatMap((byKey) => [...byKey.keys()]));
  const rows = keys.map((key) => ({ key, own: groups.map((byKey) => byKey.get(key)) }));
  const pairs = rows.map(({ own }) => (own[0] === undefined ? 0 : own.slice(1).filter(Boolean).length));
  const comparisons = pairs.reduce((sum, count) => sum + count * metrics.length, 0);
  return {
    runs,
    metrics,
    variants: rows.flatMap(({ key, own }) => {
      const [before] = own;
      return before === undefined || own.filter(Boolean).length < 2
        ? []
        : [{ key, named: before, groups: own, changes: changesOf({ runs, metrics, own, comparisons }) }];
    }),
    unmatched: rows.flatMap(({ own }) => unmatchedOf(runs, own)),
    differences: differencesOf(reports.map(({ result }) => result)),
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Short enough for the head of a column. */
function nameAt(index: number): string {
  return LETTERS[index] ?? `run ${index + 1}`;
}

/** The median and the highest percentile that all support, and what it costs. */
function metricsOf(groups: readonly Group[]): ComparedMetric[] {
  const leavesOut = groups.some(({ counting }) => counting.some(({ trial }) => trial.audit.leftOut > 0));
  const ids: ComparedMetricId[] = [
    'staleness.p50',
    `staleness.p${upperPercentile(groups)}`,
    'bytes.wire',
    ...(leavesOut ? (['bytes.client'] as const) : []),
    'cpu.server',
    'memory.server',
  ];
  return ids.map((id) => COMPARED[id]);
}

function changesOf({
  runs,
  metrics,
  own,
  comparisons,
}: {
  readonly runs: RunComparison['runs'];
  readonly metrics: readonly ComparedMetric[];
  readonly own: readonly (Group | undefined)[];
  readonly comparisons: number;
}): PlacedChange[] {
  const [baseline, ...others] = runs;
  const [before] = own;
  return others.flatMap((run, index) => {
    const after = own[index + 1];
    if (before === undefined || after === undefined) return [];
    const sides = {
      before: { report: baseline.report, group: before },
      after: { report: run.report, group: after },
    };
    return metrics.map((metric) => ({
      ...changeBetween(sides, metric.id, comparisons),
      metric,
      run,
    }));
  });
}

function unmatchedOf(runs: RunComparison['runs'], own: readonly (Group | undefined)[]): UnmatchedVariant[] {
  const having = runs.filter((_, index) => own[index] !== undefined);
  const label = own.find((group) => group !== undefined)?.label;
  return label === undefined || having.length === runs.length ? [] : [{ label, runs: having.map(({ name }) => name) }];
}
