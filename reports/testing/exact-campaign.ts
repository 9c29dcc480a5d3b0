import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { MeasuredTrial, Result, Trial } from '../../scenarios/result/result.ts';
import type { Variant } from '../../scenarios/variant.ts';
import { longPollingTrial, pollingTrial, sampleResult, websocketTrial } from './sample-result.ts';

/** What trials of a variant came to, one a block; whatever is not said is as in the sample. */
export interface ExactVariant {
  readonly like: 'polling' | 'long-polling' | 'websocket';
  /** Instead of the sample's transport: another one of the same kind. */
  readonly transport?: string;
  readonly values?: Variant['values'];
  readonly backplane?: string;
  readonly copy?: boolean;
  readonly medianMs: readonly number[];
  readonly wireBytes?: number;
  readonly cpuUs?: readonly number[];
  /** What else a trial has; the block counts from 1. */
  readonly change?: (trial: MeasuredTrial, block: number) => Trial;
}

/** Made once: their histograms take longer than all the rest. */
const LIKE = { polling: pollingTrial(), 'long-polling': longPollingTrial(), websocket: websocketTrial() } as const;
const SAMPLES = 400;
const US = 1e3;
const MS = 1e6;

/** A campaign whose figures are those numbers; of variants with one trial each, single trials. */
export function exactCampaign(variants: readonly ExactVariant[], overrides: Partial<Result> = {}): Result {
  const blocks = Math.max(...variants.map(({ medianMs }) => medianMs.length));
  const trials = Array.from({ length: blocks }, (_, index) =>
    variants.flatMap((variant) => trialOf(variant, index + 1)),
  ).flat();
  const { transports, manifest } = sampleResult();
  return sampleResult({
    partial: false,
    plannedTrials: trials.length,
    trials,
    transports: { ...transports, ...othersOf(variants) },
    manifest,
    campaign:
      blocks === 1
        ? null
        : {
            seed: 7,
            control: null,
            blocks: Array.from({ length: blocks }, (_, index) => ({
              number: index + 1,
              plannedTrials: variants.length,
            })),
            plannedBlocks: blocks,
            budgetNs: null,
            target: null,
            cells: [],
            endedBy: 'trials',
          },
    ...overrides,
  });
}

function othersOf(variants: readonly ExactVariant[]): Result['transports'] {
  const { transports } = sampleResult();
  return Object.fromEntries(
    variants.flatMap(({ like, transport }) => {
      const traits = transports[like];
      return transport === undefined || traits === undefined ? [] : [[transport, { ...traits, label: transport }]];
    }),
  );
}

function trialOf(variant: ExactVariant, block: number): Trial[] {
  const medianMs = variant.medianMs[block - 1];
  if (medianMs === undefined) return [];
  const trial = LIKE[variant.like];
  const exact: MeasuredTrial = {
    ...withCosts(trial, { wireBytes: variant.wireBytes, cpuUs: variant.cpuUs?.[block - 1] }),
    variant: {
      transport: variant.transport ?? trial.variant.transport,
      backplane: variant.backplane ?? trial.variant.backplane,
      values: { ...trial.variant.values, ...variant.values },
    },
    trial: block,
    copy: variant.copy ?? false,
    histograms: { ...trial.histograms, staleness: around(medianMs), delivery: around(medianMs) },
  };
  return [variant.change === undefined ? exact : variant.change(exact, block)];
}

/** Evenly from next to nothing to twice the median. */
function around(medianMs: number): ReturnType<Histogram['snapshot']> {
  const histogram = new Histogram();
  for (let sample = 1; sample <= SAMPLES; sample++) {
    histogram.record(Math.round((2 * medianMs * MS * sample) / SAMPLES));
  }
  return histogram.snapshot();
}

function withCosts(
  trial: MeasuredTrial,
  { wireBytes, cpuUs }: { readonly wireBytes: number | undefined; readonly cpuUs: number | undefined },
): MeasuredTrial {
  const deliveries = trial.countersPerBin.deliveries ?? [];
  const scaled = (share: number, each: number): number[] => deliveries.map((count) => share * each * count);
  return {
    ...trial,
    countersPerBin: {
      ...trial.countersPerBin,
      ...(wireBytes === undefined
        ? {}
        : { wireBytesDown: scaled(0.85, wireBytes), wireBytesUp: scaled(0.15, wireBytes) }),
    },
    processes: trial.processes.map((process) =>
      process.role === 'node' && cpuUs !== undefined ? { ...process, cpuNsPerBin: scaled(1, cpuUs * US) } : process,
    ),
  };
}
