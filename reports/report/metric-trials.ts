import { looksAway } from '../../scenarios/asking/rhythm.ts';
import { noiseFor } from '../../scenarios/result/noise.ts';
import { type MeasuredTrial, windowNs } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import type { History, MetricTrials, VariantTrials } from '../statistics/spread.ts';
import type { Group } from './groups.ts';
import type { Report } from './report.ts';
import type { MeasuredRow } from './rows.ts';

/** A figure of all trials that count, ready to be compared. */
export interface ComparableTrials {
  readonly trials: MetricTrials;
  /** By the key of a group: why it cannot be compared. */
  readonly reasons: ReadonlyMap<string, string>;
  readonly history: History;
}

/** Every pair of groups is compared by several figures, and a percentile is read from a histogram that is packed. */
const known = new WeakMap<Report, Map<ComparedMetricId, ComparableTrials>>();

export function comparableTrials(report: Report, metric: ComparedMetricId): ComparableTrials {
  const ofReport = known.get(report) ?? new Map<ComparedMetricId, ComparableTrials>();
  known.set(report, ofReport);
  const found = ofReport.get(metric) ?? readTrials(report, metric);
  ofReport.set(metric, found);
  return found;
}

function readTrials(report: Report, metric: ComparedMetricId): ComparableTrials {
  const variants: VariantTrials[] = [];
  const reasons = new Map<string, string>();
  for (const group of report.groups) {
    const byBlock = figuresByBlock(report, group, metric);
    if (typeof byBlock === 'string') reasons.set(group.key, byBlock);
    else variants.push({ id: group.key, classId: classIdOf(group), byBlock });
  }
  return { trials: { variants }, reasons, history: historyOf(report, metric) };
}

/** Generators have clocks and costs of their own, so trials of one vary alike. */
export function classIdOf({ classId, rows }: Group): string {
  return `${classId} by ${generatorOf(rows)}`;
}

export function generatorOf([first]: Group['rows']): string {
  return first?.trial.generator ?? '';
}

const WHILE_SHOWN = 'its ages are those while a tab was shown, and nobody waits for what comes while it is hidden';

/** Or in words why the group cannot be compared. */
function figuresByBlock(report: Report, { counting }: Group, metric: ComparedMetricId): Map<number, number> | string {
  const byBlock = new Map<number, number>();
  for (const row of counting) {
    if (COMPARED[metric].isAge === true && looksAway(row.trial.variant.values)) return WHILE_SHOWN;
    const figure = COMPARED[metric].of(row.trial, row.figures);
    if (!isAvailable(figure)) return `${COMPARED[metric].label}: ${figure.reason}`;
    if (!(figure > 0)) return `${COMPARED[metric].label} is ${figure} in a trial, so there is no ratio`;
    const unlike = unlikePlan(report, row, metric);
    if (unlike !== undefined) return unlike;
    byBlock.set(row.trial.trial, figure);
  }
  return byBlock.size === 0 ? 'no trial of it counts' : byBlock;
}

/** Figures rise and fall with the length of a window, and another feed is another question. */
function unlikePlan({ result }: Report, { trial }: MeasuredRow, metric: ComparedMetricId): string | undefined {
  const { manifest } = result;
  if (!trial.partial && trial.scheduleHash !== manifest.scheduleHash) return 'it did not serve the planned feed';
  if (COMPARED[metric].isSteady === true || sameWindow(trial, manifest.windowNs)) return undefined;
  return `its window was ${formatDuration(windowNs(trial))} instead of ${formatDuration(manifest.windowNs)}`;
}

/** A window is made of whole bins, so it may be a little longer than planned. */
function sameWindow(trial: MeasuredTrial, plannedNs: number): boolean {
  return Math.abs(windowNs(trial) - plannedNs) <= trial.window.binNs;
}

/** What this machine's earlier campaigns tell of the same figure, by class. */
function historyOf({ result, groups }: Report, metric: ComparedMetricId): History {
  return Object.fromEntries(
    groups.flatMap((group) => {
      const entry = noiseFor(result.noise, { classId: group.classId, metric, windowNs: result.manifest.windowNs });
      return entry === undefined ? [] : [[classIdOf(group), { sd: entry.sd, degrees: entry.degrees }]];
    }),
  );
}
