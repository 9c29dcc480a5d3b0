import { cellKey, wholeBlocks } from '../../scenarios/result/blocks.ts';
import { type ClassId, carriageOf, classOf } from '../../scenarios/carriage.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { HistogramId } from '../../scenarios/measures/metrics.ts';
import type { Result, Trial } from '../../scenarios/result/result.ts';
import type { Cadence } from '../../scenarios/transport-traits.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { type Figure, isAvailable, type NotAvailable, sum } from '../figures/figure.ts';
import { histogramOf, supportingMessages } from '../figures/figures.ts';
import { isSupported } from '../figures/statistics.ts';
import { outsideDisturbance } from '../figures/verdict.ts';
import { distinct } from '../figures/wording.ts';
import type { MeasuredRow, Named, Row } from './rows.ts';

/** A variant with its trials, as one generator measured it: what is compared. */
export interface Group extends Named {
  /** Equal for equal ones of several results, and good as an attribute's value. */
  readonly key: string;
  /** The second of the two as which a campaign's control was measured: in no ranking. */
  readonly isCopy: boolean;
  /** How its clients get messages; undefined where the result does not say. */
  readonly cadence: Cadence | undefined;
  readonly classId: ClassId;
  /** Every trial in the order in which they were made: failed, disturbed, and those of a block that is not whole, too. */
  readonly rows: readonly Row[];
  /** Those that count in a comparison. */
  readonly counting: readonly MeasuredRow[];
}

/** The rows' groups, in the order of their first ones. */
export function groupsOf(result: Result, rows: readonly Row[], nameOf: (trial: Trial) => Named): Group[] {
  const whole = result.campaign === null ? undefined : wholeBlocks(result);
  const byKey = Map.groupBy(rows, ({ trial }) => cellKey(trial, result.workload));
  return [...byKey].flatMap(([key, own]): Group[] => {
    const [first] = own;
    if (first === undefined) return [];
    const cadence = cadenceOf(result, first);
    return [
      {
        ...nameOf(first.trial),
        key,
        isCopy: first.trial.copy,
        cadence,
        classId: classOf(cadence ?? 'push'),
        rows: own.toSorted((a, b) => result.trials.indexOf(a.trial) - result.trials.indexOf(b.trial)),
        counting: countingOf(own, whole),
      },
    ];
  });
}

function cadenceOf({ transports }: Result, { trial: { variant } }: Row): Cadence | undefined {
  const traits = transports[variant.transport];
  return traits === undefined ? undefined : carriageOf(traits, variant.values).cadence;
}

/** Of two attempts the one that was less disturbed from outside; all of them, where there are no blocks. */
function countingOf(rows: readonly Row[], whole: ReadonlySet<number> | undefined): MeasuredRow[] {
  const measured = rows.filter((row) => row.state === 'measured');
  const inBlocks = measured.filter(({ trial }) => whole?.has(trial.trial) ?? true);
  return distinct(inBlocks.map(({ trial }) => trial.trial)).flatMap((block) => {
    const attempts = inBlocks.filter(({ trial }) => trial.trial === block && (whole === undefined || !trial.partial));
    return attempts.toSorted((a, b) => outsideDisturbance(a.trial) - outsideDisturbance(b.trial)).slice(0, 1);
  });
}

/** The figure of each trial that counts and has it. */
export function valuesOf({ counting }: Group, metric: ComparedMetricId): number[] {
  return figuresOf(counting, metric).filter((figure) => isAvailable(figure));
}

function figuresOf(rows: readonly MeasuredRow[], metric: ComparedMetricId): Figure[] {
  return rows.map(({ trial, figures }) => COMPARED[metric].of(trial, figures));
}

/** The geometric mean of its trials, so that ratios of centres are the ratios that are stated; 0 where one of them is. */
export function centreOf(group: Group, metric: ComparedMetricId): Figure {
  return geometricMean(figuresOf(group.counting, metric));
}

/** Of the trials that count; 0 where one of them is. */
export function geometricMean(figures: readonly Figure[]): Figure {
  const missing = figures.find((figure) => !isAvailable(figure));
  if (missing !== undefined) return missing;
  const values = figures.filter((figure) => isAvailable(figure));
  if (values.length === 0) return { reason: 'no trial of it counts' };
  return Math.exp(sum(values.map((value) => Math.log(value))) / values.length);
}

/** The least and the most of its trials; undefined where none has the figure. */
export function rangeOf(group: Group, metric: ComparedMetricId): readonly [low: number, high: number] | undefined {
  const values = valuesOf(group, metric);
  return values.length === 0 ? undefined : [Math.min(...values), Math.max(...values)];
}

/** Of all trials that count, merged: percentiles are never averaged. */
export function mergedHistogram({ counting }: Group, id: HistogramId): Histogram | NotAvailable {
  const merged = new Histogram();
  for (const { trial } of counting) {
    const histogram = histogramOf(trial, id);
    if (!(histogram instanceof Histogram)) return histogram;
    merged.add(histogram.snapshot());
  }
  return merged.count === 0 ? { reason: 'no trial of it counts' } : merged;
}

/** How many messages stand behind its percentiles, those of all trials that count. */
export function messagesOf({ counting }: Group): number {
  return sum(counting.map(({ trial }) => supportingMessages(trial)));
}

/** Percentiles that a headline may have beside the median. */
const UPPER_PERCENTILES = [99, 95, 90, 75] as const;

/** The highest of them that the messages of every group support, so that all have the same; the lowest where none is. */
export function upperPercentile(groups: readonly Group[]): (typeof UPPER_PERCENTILES)[number] {
  const fewest = Math.min(...groups.filter(({ counting }) => counting.length > 0).map(messagesOf));
  return UPPER_PERCENTILES.find((percentile) => isSupported(percentile, fewest)) ?? 75;
}
