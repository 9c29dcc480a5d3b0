import { NS_PER_MS, NS_PER_SECOND } from '../scenarios/units.ts';
import { type MeasuredTrial, windowNs } from '../scenarios/result.ts';
import { derive, type Figure, isAvailable, sum } from './figure.ts';
import { latencyFigure, processCpuNs } from './figures.ts';
import type { MeasuredRow, Report } from './report.ts';
import { distinct, percentText } from './wording.ts';

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
   * What its own work adds to the median: clients of one process are read one after the other, so the median one waits
   * for (N + 1)/2 of them, each for the generator's CPU time of a message. Zero for clients that poll on their own grid.
   */
  readonly ownShareNs: Figure;
  /** Against the first. */
  readonly agreement: Agreement;
}

export type Agreement =
  | { readonly state: 'reference' }
  | { readonly state: 'agrees' }
  | { readonly state: 'explained'; readonly text: string }
  | { readonly state: 'disagrees'; readonly text: string };

/** Latencies that differ by less than this share, or this time, are the same. */
const SAME_SHARE = 0.02;
const SAME_NS = NS_PER_MS;
const SAME_PUSH_NS = 2 * NS_PER_MS;
/** Above this share of a core work queues up, and latencies are those of the queue. */
const SATURATED = 0.8;

export function secondOpinions(report: Report): SecondOpinion[] {
  const variants = distinct(report.measured.map(variantOf));
  return variants.flatMap((variant) => {
    const rows = report.measured.filter((row) => variantOf(row) === variant);
    const generators = Object.keys(report.result.generators);
    const byGenerator = rows.toSorted(
      (a, b) => generators.indexOf(a.trial.generator) - generators.indexOf(b.trial.generator),
    );
    const [first, second, ...others] = byGenerator.filter(
      (row, index) => byGenerator.findIndex(({ trial }) => trial.generator === row.trial.generator) === index,
    );
    if (first === undefined || second === undefined) return [];
    const opinion = (row: MeasuredRow): Opinion => opinionOf(report, row, first);
    return [{ variant, opinions: [opinion(first), opinion(second), ...others.map(opinion)] }];
  });
}

function variantOf({ lines }: MeasuredRow): string {
  return lines.slice(0, 2).join(', ');
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
    ownShareNs: ownShareNs(row, isPaced(result.transports[trial.variant.transport]?.cadence)),
    agreement:
      row === reference
        ? { state: 'reference' }
        : compareWith(reference, row, result.transports[trial.variant.transport]?.cadence ?? 'held'),
  };
}

function beforeRamp({ processes }: MeasuredTrial): number {
  return sum(processes.filter(({ role }) => role === 'worker').map(({ rssBytesBeforeRamp }) => rssBytesBeforeRamp));
}

type Cadence = Report['result']['transports'][string]['cadence'];

function isPaced(cadence: Cadence | undefined): boolean {
  return cadence === 'interval';
}

function ownShareNs({ trial, figures }: MeasuredRow, paced: boolean): Figure {
  if (paced) return 0;
  const workers = Math.max(1, trial.processes.filter(({ role }) => role === 'worker').length);
  return derive([figures.generatorCpuNsPerMessage], (cpuNs) => ((trial.clients / workers + 1) * cpuNs) / 2);
}

function compareWith(reference: MeasuredRow, row: MeasuredRow, cadence: Cadence): Agreement {
  const { audit } = row.trial;
  if (audit.received !== reference.trial.audit.received) {
    const counts = `${audit.received.toLocaleString('en-US')} messages against ${reference.trial.audit.received.toLocaleString('en-US')}`;
    return { state: 'disagrees', text: `it saw ${counts}` };
  }
  const differences = (['p50Ns', 'p99Ns'] as const).flatMap(
    (field) => differenceOf({ reference, row, field, cadence }) ?? [],
  );
  const unexplained = differences.filter(({ explained }) => !explained);
  if (differences.length === 0) return { state: 'agrees' };
  const text = (unexplained.length > 0 ? unexplained : differences).map((difference) => difference.text).join('; ');
  if (unexplained.length === 0) return { state: 'explained', text };
  const busy = busiestWorker(row);
  const queue = busy > SATURATED ? `; it used ${percentText(busy, 0)} of its core, so what came had to queue` : '';
  return { state: 'disagrees', text: `${text}${queue}` };
}

interface Comparison {
  readonly reference: MeasuredRow;
  readonly row: MeasuredRow;
  readonly field: 'p50Ns' | 'p99Ns';
  readonly cadence: Cadence;
}

/** Undefined where they are the same, or one of them is missing. */
function differenceOf({
  reference,
  row,
  field,
  cadence,
}: Comparison): { text: string; explained: boolean } | undefined {
  const [left, right] = [reference, row].map(({ figures }) => latencyFigure(figures.staleness, field));
  if (left === undefined || right === undefined || !isAvailable(left) || !isAvailable(right)) return undefined;
  const differenceNs = right - left;
  const sameNs = Math.max(SAME_SHARE * left, cadence === 'push' ? SAME_PUSH_NS : SAME_NS);
  if (Math.abs(differenceNs) <= sameNs) return undefined;
  const allowedNs = extraWorkNs(reference, row) * (field === 'p50Ns' ? 1 : 2);
  const size = `${field === 'p50Ns' ? 'p50' : 'p99'} is ${(Math.abs(differenceNs) / NS_PER_MS).toFixed(1)} ms ${differenceNs > 0 ? 'higher' : 'lower'}`;
  const explained = !isPaced(cadence) && differenceNs > 0 && differenceNs <= allowedNs + sameNs;
  const because = `its own CPU time for a message, ${(allowedNs / NS_PER_MS).toFixed(1)} ms more over the clients before it`;
  if (explained) return { explained, text: `${size}: ${because}` };
  return { explained, text: `${size}, which its own CPU time for a message does not explain` };
}

/** The share of a core that the busiest process of the generator used. */
function busiestWorker({ trial }: MeasuredRow): number {
  const workers = trial.processes.filter(({ role }) => role === 'worker');
  return Math.max(0, ...workers.map((worker) => processCpuNs(trial, worker) / Math.max(1, windowNs(trial))));
}

function extraWorkNs(reference: MeasuredRow, row: MeasuredRow): number {
  const extra = derive([ownShareNs(row, false), ownShareNs(reference, false)], (mine, other) => mine - other);
  return isAvailable(extra) ? Math.max(0, extra) : 0;
}
