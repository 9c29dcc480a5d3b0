import type { TakenFigure } from '../../scenarios/claims/figures.ts';
import { nodesOf, variantKey } from '../../scenarios/variant.ts';
import { isAvailable } from '../figures/figure.ts';
import type { Group } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { measuredOf, type MeasuredRow } from '../report/rows.ts';
import { RUN_FIGURES, type RunFigureId, type RunFigureRow, type Selection } from './run-figures.ts';

/** What a run has for a claim: the trials of a variant, or of two in one setting, block by block. Undefined where it has none. */
export function readingOf(report: Report, id: RunFigureId): TakenFigure | undefined {
  const row: RunFigureRow = RUN_FIGURES[id];
  const { of, to } = row;
  const taken = candidates(report, of).flatMap((group) => {
    if (to === undefined) return [valuesOf(report, group, row)];
    const other = candidates(report, to).find((one) => isBeside(one, group));
    return other === undefined ? [] : [ratiosOf(valuesOf(report, group, row), valuesOf(report, other, row))];
  });
  const first = taken.find(({ length }) => length > 0);
  return first === undefined ? undefined : sorted(first, row);
}

interface Value {
  readonly block: number;
  readonly value: number;
  /** Undefined where nothing disturbed its trial. */
  readonly disturbedBy: string | undefined;
}

/** Those whose variants are as usual in all that is not asked for, the plainest place first. */
function candidates({ result, groups }: Report, selection: Selection): Group[] {
  return groups.filter((group) => !group.isCopy && isOf(group, selection, result.workload));
}

function isOf(
  { rows: [row] }: Group,
  { transport, backplane, reconnect }: Selection,
  scenario: Report['result']['workload'],
): boolean {
  if (row === undefined || row.trial.variant.transport !== transport) return false;
  const { variant } = row.trial;
  if (backplane !== undefined && variant.backplane !== backplane) return false;
  const { nodes: _, reconnect: way, ...values } = variant.values;
  if (reconnect === undefined ? way !== undefined && way !== 'none' : way !== reconnect) return false;
  return variantKey({ ...variant, values }, scenario) === `${transport}/${variant.backplane}`;
}

/** In the same place, by the same generator. */
function isBeside({ rows: [one] }: Group, { rows: [other] }: Group): boolean {
  return one !== undefined && other !== undefined && placeOf(one) === placeOf(other);
}

function placeOf({ trial: { variant, generator } }: Group['rows'][number]): string {
  return JSON.stringify([variant.backplane, nodesOf(variant), generator]);
}

function valuesOf({ result }: Report, group: Group, { read }: RunFigureRow): Value[] {
  return countingOf(group).flatMap(({ trial, figures, verdict }) => {
    const value = read(trial, figures, result);
    const disturbedBy = verdict.state === 'suspect' ? verdict.reasons[0].seen : undefined;
    return isAvailable(value) ? [{ block: trial.trial, value, disturbedBy }] : [];
  });
}

/** Of a block that was cut short, the trials that are whole. */
function countingOf({ counting, rows }: Group): readonly MeasuredRow[] {
  return counting.length > 0 ? counting : measuredOf(rows).filter(({ trial }) => !trial.partial);
}

function ratiosOf(of: readonly Value[], to: readonly Value[]): Value[] {
  return of.flatMap(({ block, value, disturbedBy }) => {
    const other = to.find((one) => one.block === block);
    if (other === undefined || !(other.value > 0)) return [];
    return [{ block, value: value / other.value, disturbedBy: disturbedBy ?? other.disturbedBy }];
  });
}

function sorted(all: readonly Value[], { fragile }: RunFigureRow): TakenFigure {
  const isSound = ({ disturbedBy }: Value): boolean => fragile !== true || disturbedBy === undefined;
  const disturbed = all.filter((one) => !isSound(one));
  return {
    values: all.filter(isSound).map(({ value }) => value),
    disturbed: disturbed.map(({ value }) => value),
    by: disturbed[0]?.disturbedBy ?? null,
  };
}
