import { type MeasuredTrial, type Result, windowNs } from '../../scenarios/result/result.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { sum } from './figure.ts';

/** Messages a second that were due in the window: what the feed came to. */
export function realisedRate(trial: MeasuredTrial): number {
  return windowNs(trial) === 0 ? 0 : trial.dueInWindow / (windowNs(trial) / NS_PER_SECOND);
}

/** Of all of their windows together; undefined without any. */
function realisedRateOf(trials: readonly MeasuredTrial[]): number | undefined {
  const measuredNs = sum(trials.map(windowNs));
  return measuredNs === 0
    ? undefined
    : sum(trials.map(({ dueInWindow }) => dueInWindow)) / (measuredNs / NS_PER_SECOND);
}

/** `20 messages a second`; where the feed came to another rate than was planned, `6.08 messages a second (7 planned)`. */
export function feedRateText(
  { messagesPerSecond }: Result['workload']['feed'],
  trials: readonly MeasuredTrial[],
): string {
  const planned = plain(messagesPerSecond);
  const rate = realisedRateOf(trials);
  const realised = rate === undefined ? planned : plain(rate);
  return `${realised} messages a second${realised === planned ? '' : ` (${planned} planned)`}`;
}

/** Three digits and no more, whole numbers in full: a feed of 20 a second that comes to 20 is not one of 20.0. */
function plain(rate: number): string {
  return rate.toLocaleString('en-US', {
    maximumSignificantDigits: 3,
    maximumFractionDigits: 0,
    roundingPriority: 'morePrecision',
  });
}
