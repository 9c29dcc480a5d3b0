import type { MeasuredTrial, Result, Trial } from '../../scenarios/result/result.ts';
import { type Answer, answerOf } from '../report/answer/answer.ts';
import { buildReport } from '../report/report.ts';
import { exactCampaign, type ExactVariant } from './exact-campaign.ts';

/** Variants whose figures are known to the last digit, and what is answered to them. */

export const WEBSOCKET: ExactVariant = {
  like: 'websocket',
  medianMs: [1.36, 1.66, 1.27],
  wireBytes: 420,
  cpuUs: [14.2, 14.6, 14.9],
};
export const COPY: ExactVariant = { ...WEBSOCKET, copy: true, medianMs: [1.58, 1.67, 1.42] };
export const STREAM: ExactVariant = {
  ...WEBSOCKET,
  transport: 'Stream',
  medianMs: [1.4, 1.6, 1.3],
  wireBytes: 441,
  cpuUs: [14.5, 15, 14.4],
};
export const LONG_POLLING: ExactVariant = {
  like: 'long-polling',
  medianMs: [3.07, 2.49, 2.24],
  wireBytes: 1329,
  cpuUs: [42, 42.6, 43.1],
};
export const POLLING: ExactVariant = {
  like: 'polling',
  medianMs: [501.5, 500.4, 502],
  wireBytes: 345,
  cpuUs: [12.5, 12.6, 12.8],
};
/** Of what one node used. */
function third(process: MeasuredTrial['processes'][number]): MeasuredTrial['processes'][number] {
  return { ...process, cpuNsPerBin: process.cpuNsPerBin.map((cpuNs) => cpuNs / 3) };
}

/** On three nodes that run on one core. */
export const ON_THREE: Partial<ExactVariant> = {
  backplane: 'redis',
  values: { nodes: 3 },
  change: (trial) => ({
    ...trial,
    processes: trial.processes.flatMap((process) => {
      const pinned = { ...process, cores: process.role === 'worker' ? [1] : [0] };
      return process.role === 'node' ? [pinned, pinned, pinned].map(third) : [pinned];
    }),
  }),
};

export function answerTo(variants: readonly ExactVariant[], overrides: Partial<Result> = {}): Answer {
  return answerOf(buildReport(exactCampaign(variants, overrides)));
}

/** Without what is said of predictions: these trials are made up of figures that fit no law. */
export function doubtsOf(variants: readonly ExactVariant[], overrides: Partial<Result> = {}): string[] {
  return answerTo(variants, overrides)
    .doubts.map(({ kind, text }) => `${kind}: ${text}`)
    .filter((text) => !text.includes('off by more than'));
}

export function single(variant: ExactVariant): ExactVariant {
  return { ...variant, medianMs: variant.medianMs.slice(0, 1) };
}

export function changed(variant: ExactVariant, change: (trial: MeasuredTrial, block: number) => Trial): ExactVariant {
  return { ...variant, change };
}

/** In those blocks the hypervisor took 1 % of a core and as many more as the block's number. */
export function stolen(variant: ExactVariant, blocks: readonly number[]): ExactVariant {
  return changed(variant, (trial, block) => {
    const perBin = trial.countersPerBin.stolenTime?.map(() => (0.01 + block / 100) * 1e9) ?? [];
    return blocks.includes(block)
      ? { ...trial, countersPerBin: { ...trial.countersPerBin, stolenTime: perBin } }
      : trial;
  });
}

export const HISTORY = (['interval', 'prompt'] as const).flatMap((classId) =>
  ['staleness.p50', 'cpu.server'].map((metric) => ({
    classId,
    metric,
    windowNs: 20e9,
    sd: 0.11,
    degrees: 20,
    betweenSessionsSd: null,
    measuredAt: '2025-11-25T10:00:00.000Z',
  })),
);
