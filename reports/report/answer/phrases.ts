import { COMPARED, type ComparedMetricId } from '../../figures/compared.ts';
import { type Figure, isAvailable } from '../../figures/figure.ts';
import { countOf } from '../../figures/wording.ts';
import type { Ratio } from '../ratios.ts';

export type Estimate = Extract<Ratio, { state: 'estimated' }>;

/** Ratios nearer to 1 than this have a digit more: `1.004` is another thing than `1.00`. */
const NEAR = 0.01;

/** Three digits: `1.28`, `12.3`, `869`, `1,230`. */
export function ratioText(ratio: number): string {
  const digits = Math.abs(ratio - 1) < NEAR ? 4 : 3;
  return ratio.toLocaleString('en-US', {
    maximumSignificantDigits: ratio < 1 ? 3 : digits,
    minimumSignificantDigits: ratio < 100 ? 3 : 1,
  });
}

/** An interval that is no wider than this says nothing that the ratio does not say. */
const NARROW = 1.005;

/** `1.04 to 1.21`; undefined where it rounds to the ratio, or nearly so, and where nothing is known of chance. */
export function intervalText({ low, high, from }: Pick<Estimate, 'low' | 'high' | 'from'>): string | undefined {
  return from === 'assumption' || high / low < NARROW ? undefined : `${ratioText(low)} to ${ratioText(high)}`;
}

/** `1.28 (1.21 to 1.35)`; the interval is left out where it rounds to the ratio. */
export function sizeText(estimate: Estimate): string {
  const interval = intervalText(estimate);
  return interval === undefined ? ratioText(estimate.ratio) : `${ratioText(estimate.ratio)} (${interval})`;
}

/** The other way round: b : a instead of a : b. */
export function inverse(estimate: Estimate): Estimate {
  return { ...estimate, ratio: 1 / estimate.ratio, low: 1 / estimate.high, high: 1 / estimate.low };
}

/** As the one of the two ratios that is above 1. */
export function above(estimate: Estimate): Estimate {
  return estimate.ratio < 1 ? inverse(estimate) : estimate;
}

/** `no difference found (0.91, 0.73 … 1.15); one of ×1.35 would have been, 4 times in 5`. */
export function noDifference(estimate: Estimate): string {
  const { ratio, low, high, smallest } = estimate;
  return `no difference found (${ratioText(ratio)}, ${ratioText(low)} … ${ratioText(high)}); one of ×${ratioText(smallest)} would have been, 4 times in 5`;
}

/** Stands with the figures of a ratio whose call does not hold without suspect trials. */
export function dependence({ dependsOnSuspects }: Estimate): string[] {
  return dependsOnSuspects === 0 ? [] : [`depends on ${countOf(dependsOnSuspects, 'suspect trial')}`];
}

export function figureText(figure: Figure, metric: ComparedMetricId): string {
  return isAvailable(figure) ? COMPARED[metric].format(figure) : 'n/a';
}

/** `a, b, c and 2 more`. */
export function shortList(items: readonly string[], most = 3): string {
  if (items.length <= most)
    return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
  const shown = items.slice(0, most - 1);
  return `${shown.join(', ')} and ${items.length - shown.length} more`;
}

/** A sentence begins with a capital letter and ends in a full stop. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toLocaleUpperCase('en-US')}${text.slice(1)}.`;
}
