import type { Result } from '../../../scenarios/result/result.ts';
import type { ComparedMetricId } from '../../figures/compared.ts';
import { type Estimate, noDifference, ratioText } from './phrases.ts';

/** One trial each: how much they may differ by chance is what this machine's own history says. */
export function isSingle({ trials }: Estimate): boolean {
  return trials === 1;
}

/** `floor of 25 Nov 2026: ×1.36`; `estimate` must be of a pair by itself. */
export function floorText({ noise }: Result, metric: ComparedMetricId, { ratio, high }: Estimate): string {
  const dates = noise.filter((entry) => entry.metric === metric).map(({ measuredAt }) => measuredAt);
  const [newest] = dates.toSorted((a, b) => Date.parse(b) - Date.parse(a));
  const from = newest === undefined ? '' : ` of ${dayText(newest)}`;
  return `floor${from}: ×${ratioText(high / ratio)}`;
}

/** Where the interval holds 1: what would have been found; for single trials, that it is within noise. */
export function notFound(result: Result, metric: ComparedMetricId, estimate: Estimate): string {
  return isSingle(estimate) && estimate.from === 'history'
    ? `within noise (${floorText(result, metric, estimate)})`
    : noDifference(estimate);
}

/** `25 Nov 2026`. */
function dayText(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
