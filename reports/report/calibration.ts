import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { controlPair, type Ratio, ratioBetween } from './ratios.ts';
import type { Report } from './report.ts';

/** How often intervals held the truth, which is 1 where one thing was measured as two. */
export interface Coverage {
  readonly metric: ComparedMetricId;
  readonly held: number;
  /** Campaigns that had an interval. */
  readonly told: number;
  /** Of them, how often it must hold 1: an honest interval fails that in 2 of 100 calibrations, or fewer. */
  readonly asked: number;
}

/** What a machine is calibrated for. */
export const CALIBRATED: readonly ComparedMetricId[] = ['staleness.p50', 'staleness.p99', 'cpu.server', 'bytes.wire'];

const CONFIDENCE = 0.95;
const MOST_FALSE_ALARMS = 0.02;

export function coverageOf(reports: readonly Report[]): Coverage[] {
  return CALIBRATED.map((metric) => {
    const ratios = reports.flatMap((report) => controlRatio(report, metric) ?? []);
    const estimated = ratios.filter((ratio) => ratio.state === 'estimated');
    const told = estimated.length;
    const asked = COMPARED[metric].isSteady === true ? told : leastHeld(told);
    return { metric, held: estimated.filter(({ differs }) => !differs).length, told, asked };
  });
}

/** One figure of the control against its copy, as if it were the only one that is looked at. */
export function controlRatio(report: Report, metric: ComparedMetricId): Ratio | undefined {
  const pair = controlPair(report);
  return pair === undefined ? undefined : ratioBetween(report, metric, pair);
}

/** The most that an honest interval of 95 % reaches in all but 2 % of so many campaigns (binomial): 17 of 20. */
export function leastHeld(campaigns: number): number {
  let probability = (1 - CONFIDENCE) ** campaigns;
  let cumulative = 0;
  for (let held = 0; held <= campaigns; held++) {
    cumulative += probability;
    if (cumulative > MOST_FALSE_ALARMS) return held;
    probability *= ((campaigns - held) / (held + 1)) * (CONFIDENCE / (1 - CONFIDENCE));
  }
  return campaigns;
}
