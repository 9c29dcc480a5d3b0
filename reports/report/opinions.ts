import { Histogram } from '../../scenarios/measures/histogram.ts';
import { deliversLatest, LATEST_WINDOW_NS } from '../../scenarios/feed/conflation.ts';
import { carriageOf } from '../../scenarios/carriage.ts';
import type { Cadence } from '../../scenarios/transport-traits.ts';
import { variantKey } from '../../scenarios/variant.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { type MeasuredTrial, windowNs } from '../../scenarios/result/result.ts';
import { derive, type Figure, isAvailable, sum } from '../figures/figure.ts';
import { histogramOf, processCpuNs, supportingMessages } from '../figures/figures.ts';
import type { Report } from './report.ts';
import { isSuspect, type MeasuredRow, measuredOf } from './rows.ts';
import { percentileInterval } from '../figures/statistics.ts';
import { countOf, distinct, percentText } from '../figures/wording.ts';
import { nodesAtOnce } from '../theory/push-predictions.ts';
import { longestReadingDelayNs, medianBacklogDelayNs, medianReadingDelayNs } from '../theory/reading-delay.ts';

/** The same variant as several generators saw it. */
export interface SecondOpinion {
  readonly variant: string;
  /** The first is the one that the others are compared with. */
  readonly opinions: readonly [Opinion, Opinion, ...Opinion[]];
}

export interface Opinion {
  readonly row: MeasuredRow;
  readonly generator: string;
  readonly resolutionNs: number;
  /** Messages that a generator takes for each second of its CPU. */
  readonly messagesPerCpuSecond: Figure;
  /** What its processes hold more than before anybody connected, for each connection. */
  readonly memoryPerConnection: Figure;
  /**
   * What its own work adds to the median, as reading-delay.ts has it: clients of one process are read one after the
   * other, at least while the server sends to the next, at most after it has sent to all. Zero for clients that poll on
   * their own grid.
   */
  readonly ownShareNs: { readonly least: Figure; readonly most: Figure };
  /** Against the first. */
  readonly agreement: Agreement;
}

export type Agreement =
  | { readonly state: 'reference' }
  | { readonly state: 'agrees' }
  /** What differs may be the accident of few messages. */
  | { readonly state: 'undecided'; readonly text: string }
  | { readonly state: 'explained'; readonly text: string }
  | { readonly state: 'disagrees'; readonly text: string };

/** Latencies that differ by less than this share, or this time, are the same. */
const SAME_SHARE = 0.02;
const SAME_NS = NS_PER_MS;
const SAME_PUSH_NS = 2 * NS_PER_MS;
/** Above this share of a core work queues up, and latencies are those of the queue. */
const SATURATED = 0.8;

export function secondOpinions(report: Report): SecondOpinion[] {
  const all = measuredOf(report.all);
  const several = report.all.length > report.rows.length;
  const variantOf = (row: MeasuredRow): string =>
    several ? `${row.variantLabel}, ${countOf(row.trial.clients, 'client')}` : row.variantLabel;
  const keyOf = ({ trial }: MeasuredRow): string => variantKey(trial.variant, report.result.workload);
  // What was read with few clients stands below the same with all.
  const variants = distinct(all.map(keyOf)).flatMap((key) =>
    distinct(
      all
        .filter((row) => keyOf(row) === key)
        .toSorted((a, b) => b.trial.clients - a.trial.clients)
        .map(variantOf),
    ),
  );
  return variants.flatMap((variant) => {
    const rows = all.filter((row) => variantOf(row) === variant);
    // A report has the rows of a variant by generator already, in the order of the result.
    const [first, second, ...others] = rows.filter(
      (row, index) => rows.findIndex(({ trial }) => trial.generator === row.trial.generator) === index,
    );
    if (first === undefined || second === undefined) return [];
    const opinion = (row: MeasuredRow): Opinion => opinionOf(report, row, first);
    return [{ variant, opinions: [opinion(first), opinion(second), ...others.map(opinion)] }];
  });
}

function opinionOf({ result }: Report, row: MeasuredRow, reference: MeasuredRow): Opinion {
  const { trial, figures } = row;
  const generator = result.generators[trial.generator];
  return {
    row,
    generator: generator?.label ?? trial.generator,
    resolutionNs: generator?.resolutionNs ?? 1,
    messagesPerCpuSecond: derive([figures.generatorCpuNsPerMessage], (cpuNs) => NS_PER_SECOND / cpuNs),
    memoryPerConnection: derive([figures.rssMaxBytes.worker], (bytes) => (bytes - beforeRamp(trial)) / trial.clients),
    ownShareNs: isPaced(cadenceOf(result, trial))
      ? { least: 0, most: 0 }
      : { least: ownDelayNs(row, medianReadingDelayNs), most: ownDelayNs(row, medianBacklogDelayNs) },
    agreement:
      row === reference ? { state: 'reference' } : compareWith(reference, row, cadenceOf(result, trial) ?? 'held'),
  };
}

function beforeRamp({ processes }: MeasuredTrial): number {
  return sum(processes.filter(({ role }) => role === 'worker').map(({ rssBytesBeforeRamp }) => rssBytesBeforeRamp));
}

function cadenceOf({ transports }: Report['result'], { variant }: MeasuredTrial): Cadence | undefined {
  const traits = transports[variant.transport];
  return traits === undefined ? undefined : carriageOf(traits, variant.values).cadence;
}

function isPaced(cadence: Cadence | undefined): boolean {
  return cadence === 'interval';
}

function ownDelayNs({ trial, figures }: MeasuredRow, law: typeof medianReadingDelayNs): Figure {
  const workers = Math.max(1, trial.processes.filter(({ role }) => role === 'worker').length);
  const { worker, node } = figures.cpuNsPerDelivery;
  return derive([worker, node], (readNs, sendNs) =>
    law({ messages: trial.clients / workers, readNs, arrivalNs: (sendNs * workers) / nodesAtOnce(trial) }),
  );
}

function compareWith(reference: MeasuredRow, row: MeasuredRow, cadence: Cadence): Agreement {
  const { audit } = row.trial;
  if (accountedFor(row) !== accountedFor(reference)) {
    const counts = `${audit.received.toLocaleString('en-US')} messages against ${reference.trial.audit.received.toLocaleString('en-US')}`;
    return { state: 'disagrees', text: `it saw ${counts}` };
  }
  const differences = ([50, 99] as const).flatMap(
    (percentile) => differenceOf({ reference, row, percentile, cadence }) ?? [],
  );
  const texts = (states: readonly Difference['state'][]): string =>
    differences
      .filter(({ state }) => states.includes(state))
      .map(({ text }) => text)
      .join('; ');
  const has = (wanted: Difference['state']): boolean => differences.some(({ state }) => state === wanted);
  if (has('disagrees')) {
    const doubt = [reference, row].some(isSuspect) ? '; a trial of the two is suspect' : '';
    return { state: 'disagrees', text: `${texts(['disagrees'])}${queueText(row)}${doubt}` };
  }
  if (has('explained')) return { state: 'explained', text: texts(['explained', 'undecided']) };
  return has('undecided') ? { state: 'undecided', text: texts(['undecided']) } : { state: 'agrees' };
}

/** What came, and what was left out for it: how many of each is the accident of windows. */
function accountedFor({ trial: { audit } }: MeasuredRow): number {
  return audit.received + audit.leftOut;
}

interface Comparison {
  readonly reference: MeasuredRow;
  readonly row: MeasuredRow;
  readonly percentile: 50 | 99;
  readonly cadence: Cadence;
}

interface Difference {
  readonly state: 'undecided' | 'explained' | 'disagrees';
  readonly text: string;
}

/** Undefined where they are the same, or one of them is missing. */
function differenceOf(comparison: Comparison): Difference | undefined {
  const { reference, row, percentile, cadence } = comparison;
  const [left, right] = [reference, row].map(({ trial }) => histogramOf(trial, 'staleness'));
  if (!(left instanceof Histogram) || !(right instanceof Histogram)) return undefined;
  const leftNs = left.percentileNs(percentile);
  const differenceNs = right.percentileNs(percentile) - leftNs;
  const sameNs = Math.max(SAME_SHARE * leftNs, cadence === 'push' ? SAME_PUSH_NS : SAME_NS);
  if (Math.abs(differenceNs) <= sameNs) return undefined;
  const size = `p${percentile} is ${milliseconds(Math.abs(differenceNs))} ${differenceNs > 0 ? 'higher' : 'lower'}`;
  const messages = Math.min(supportingMessages(reference.trial), supportingMessages(row.trial));
  if (overlap(left, right, percentileInterval(percentile, messages)))
    return { state: 'undecided', text: `${size}, which ${countOf(messages, 'message')} cannot tell from chance` };
  if (!isPaced(cadence) && deliversLatest(row.trial.variant.values) && Math.abs(differenceNs) < LATEST_WINDOW_NS)
    return { state: 'undecided', text: `${size}, less than messages are held back: windows end when they end` };
  const allowedNs = extraWorkNs(reference, row, percentile === 50 ? medianReadingDelayNs : longestReadingDelayNs);
  if (isPaced(cadence) || differenceNs < 0 || differenceNs > allowedNs + sameNs)
    return { state: 'disagrees', text: `${size}, which its own CPU time for a message does not explain` };
  const because = `its own CPU time for a message, ${milliseconds(allowedNs)} more over the clients before it`;
  return { state: 'explained', text: `${size}: ${because}` };
}

/** Whether two histograms have values in common between two percentiles; without a bound on one side anything may lie there. */
function overlap(left: Histogram, right: Histogram, [low, high]: ReturnType<typeof percentileInterval>): boolean {
  if (low === undefined || high === undefined) return true;
  return left.percentileNs(low) <= right.percentileNs(high) && right.percentileNs(low) <= left.percentileNs(high);
}

function milliseconds(ns: number): string {
  return `${(ns / NS_PER_MS).toFixed(1)} ms`;
}

function queueText(row: MeasuredRow): string {
  const busy = busiestWorker(row);
  return busy > SATURATED ? `; it used ${percentText(busy, 0)} of its core, so what came had to queue` : '';
}

/** The share of a core that the busiest process of the generator used. */
function busiestWorker({ trial }: MeasuredRow): number {
  const workers = trial.processes.filter(({ role }) => role === 'worker');
  const used = workers.map((worker) => processCpuNs(trial, worker)).filter((cpuNs) => isAvailable(cpuNs));
  return Math.max(0, ...used) / Math.max(1, windowNs(trial));
}

function extraWorkNs(reference: MeasuredRow, row: MeasuredRow, law: typeof medianReadingDelayNs): number {
  const extra = derive([ownDelayNs(row, law), ownDelayNs(reference, law)], (mine, other) => mine - other);
  return isAvailable(extra) ? Math.max(0, extra) : 0;
}
