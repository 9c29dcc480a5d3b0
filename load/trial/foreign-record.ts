import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { ClockRecord } from '../../scenarios/result/clock.ts';
import type { Failure } from '../../scenarios/failures.ts';
import type { MeasuredTrial, Source } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import type { ForeignServer, GeneratorReport } from '../generator.ts';
import type { NumberSpan } from '../subscribers/number-hearing.ts';
import { recordedVariant, type TrialSpec } from '../trial-spec.ts';
import { UNWATCHED } from './foreign-trial.ts';

/** What is known of a trial with a server that is not ours, besides what is of every trial. */
export interface ForeignPieces {
  readonly server: ForeignServer;
  readonly clock: ClockRecord | undefined;
  readonly halt: Failure | undefined;
}

/** The record of a trial as far as it can be one where the server is not ours: what nobody knows is n/a, with the reason. */
export function foreignRecord(
  trial: MeasuredTrial,
  spec: TrialSpec,
  { foreign, generator }: { readonly foreign: ForeignPieces; readonly generator: readonly GeneratorReport[] },
): MeasuredTrial {
  const { server, clock, halt } = foreign;
  return {
    ...trial,
    variant: recordedVariant(spec),
    unwatched: UNWATCHED,
    sources: { ...trial.sources, ...byteSources(server), ...stageSources(server), ...ageSources(trial, foreign) },
    ...(server.isPublishedTo ? {} : numbersOf(trial, generator)),
    ...(clock !== undefined && { clock }),
    ...(halt !== undefined && { halted: { code: halt.code, message: halt.message } }),
    remarks: [
      ...(halt === undefined ? [] : [`cut short: ${halt.message}`]),
      ...trial.remarks.filter((remark) => server.isPublishedTo || !remark.startsWith('the data of the first')),
      ...new Set(generator.flatMap(({ remarks = [] }) => remarks)),
      ...(clock === undefined ? [] : [clockText(clock)]),
    ],
  };
}

type Sources = MeasuredTrial['sources'];

function unavailable(reason: string): Source {
  return { kind: 'n/a', reason };
}

function byteSources({ whyNoBytes }: ForeignServer): Sources {
  const unseen = unavailable('it is inside of a server that is not one of this run');
  return {
    backplaneBytes: unseen,
    ...(whyNoBytes !== undefined && {
      transportBytesDown: unavailable(whyNoBytes),
      transportBytesUp: unavailable(whyNoBytes),
    }),
  };
}

/** Of the stages between publisher and client a server of another kind has none that are seen. */
function stageSources({ isPublishedTo }: ForeignServer): Sources {
  const unseen = unavailable('the server is not one of this run, and tells nothing of its stages');
  const published = unavailable('the server makes the feed: when a message was due, only it knows');
  return { backplane: unseen, ...(isPublishedTo ? {} : { lateness: published, published }) };
}

/** How old messages were, where clocks allow it to be said. */
function ageSources(trial: MeasuredTrial, { server, clock }: ForeignPieces): Sources {
  if (server.isPublishedTo) return {};
  const reason = whyNoAge(trial, clock);
  return {
    // What seems to come from the future is of how far the clocks agree.
    clockErrors: unavailable('the clocks are those of two machines, which agree as far as is said of this trial'),
    ...(reason !== undefined && { staleness: unavailable(reason), delivery: unavailable(reason) }),
  };
}

function whyNoAge({ histograms: { staleness } }: MeasuredTrial, clock: ClockRecord | undefined): string | undefined {
  if (clock === undefined)
    return 'the times of its messages are by its own clock, and the adapter has no "clock" to ask it: gaps, rate and order alone are known';
  if (staleness === undefined || staleness.count === 0)
    return 'the server does not say when it sent a message: gaps, rate and order alone are known';
  const seen = Histogram.from(staleness);
  const [p50Ns, p99Ns] = [seen.percentileNs(50), seen.percentileNs(99)];
  if (Math.min(p50Ns, seen.meanNs) >= clock.boundNs) return undefined;
  const bound = formatDuration(clock.boundNs);
  const most = p99Ns >= clock.boundNs ? `p99 ${formatDuration(p99Ns)}` : `p99 ≤ ${bound}`;
  return `finer than the clocks agree: p50 ≤ ${bound}, ${most}`;
}

function clockText({ aheadNs, driftNs, boundNs, exchanges }: ClockRecord): string {
  const where = `${formatDuration(Math.abs(aheadNs))} ${aheadNs < 0 ? 'behind' : 'ahead of'} this machine's`;
  return `the server's clock was ${where} and went ${formatDuration(Math.abs(driftNs))} astray meanwhile: times are good to ${formatDuration(boundNs)}, by the quickest of ${exchanges / 2} exchanges before the trial and after it`;
}

/** Of a server's own feed what there was of it is known by its numbers alone. */
function numbersOf(
  trial: MeasuredTrial,
  generator: readonly GeneratorReport[],
): Pick<MeasuredTrial, 'audit' | 'dueInWindow'> {
  const spans = generator.flatMap(({ numbers }): readonly NumberSpan[] => (numbers === undefined ? [] : [numbers]));
  const first = Math.min(...spans.map((span) => span.first));
  const last = Math.max(...spans.map((span) => span.last));
  const { firstBin, endBin } = trial.window;
  const inWindow = (trial.countersPerBin.deliveries ?? []).slice(firstBin, endBin);
  const deliveries = inWindow.reduce((sum, count) => sum + count, 0);
  return {
    audit: { ...trial.audit, published: spans.length === 0 ? 0 : last - first + 1 },
    dueInWindow: Math.round(deliveries / trial.clients),
  };
}
