import { derivedRandom, type Random } from '../../scenarios/feed/random.ts';
import { EMPTY_HISTOGRAM, Histogram, type HistogramSnapshot } from '../../scenarios/measures/histogram.ts';
import { isMeasured, type MeasuredTrial, type Result } from '../../scenarios/result/result.ts';

/** How another made-up run differs from one; by transport, 2 is twice as much. */
interface Changes {
  readonly staleness: Readonly<Record<string, number>>;
  readonly cpu: Readonly<Record<string, number>>;
  /** Of the chance by which its trials differ from the first run's; none where it is absent. */
  readonly seed?: number;
}

const SD = { staleness: 0.05, cpu: 0.08 };

/** The same result, measured again another day. */
export function changedResult(result: Result, changes: Partial<Changes> = {}, overrides: Partial<Result> = {}): Result {
  const { staleness = {}, cpu = {}, seed } = changes;
  return {
    ...result,
    id: result.id.replace('2026-05-17', '2026-05-18'),
    startedAt: result.startedAt.replace('2026-05-17', '2026-05-18'),
    trials: result.trials.map((trial, index) => {
      if (!isMeasured(trial)) return trial;
      const random = seed === undefined ? undefined : derivedRandom(seed, index);
      const { transport } = trial.variant;
      return scaled(trial, {
        staleness: (staleness[transport] ?? 1) * chance(SD.staleness, random),
        cpu: (cpu[transport] ?? 1) * chance(SD.cpu, random),
      });
    }),
    ...overrides,
  };
}

/** exp of a normal deviate, by Box and Muller. */
function chance(sd: number, random: Random | undefined): number {
  if (random === undefined) return 1;
  return Math.exp(sd * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

function scaled(trial: MeasuredTrial, by: { readonly staleness: number; readonly cpu: number }): MeasuredTrial {
  const { staleness, delivery } = trial.histograms;
  const processes = trial.processes.map((process) => ({
    ...process,
    cpuNsPerBin: process.role === 'node' ? process.cpuNsPerBin.map((ns) => ns * by.cpu) : process.cpuNsPerBin,
  }));
  const histograms = { staleness: stretched(staleness, by.staleness), delivery: stretched(delivery, by.staleness) };
  return { ...trial, histograms: { ...trial.histograms, ...histograms }, processes };
}

const SAMPLES = 2000;

function stretched(snapshot: HistogramSnapshot = EMPTY_HISTOGRAM, factor = 1): HistogramSnapshot {
  if (factor === 1) return snapshot;
  const old = Histogram.from(snapshot);
  const histogram = new Histogram();
  for (let sample = 0; sample < SAMPLES; sample++)
    histogram.record(Math.round(old.percentileNs((100 * (sample + 0.5)) / SAMPLES) * factor));
  return histogram.snapshot();
}
