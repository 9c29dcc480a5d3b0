import type { Result } from '../../../scenarios/result/result.ts';
import { type Estimate, noDifference, ratioText } from './phrases.ts';

/** One trial each: how much they may differ by chance is what this machine's own history says, or an assumption. */
export function isSingle({ trials }: Estimate): boolean {
  return trials === 1;
}

/** `less than ×1.36 is taken for chance`; `estimate` must be of a pair by itself. */
export function floorText({ ratio, high }: Estimate): string {
  return `less than ×${ratioText(high / ratio)} is taken for chance`;
}

/** Where the interval holds 1: what would have been found; for single trials, what is taken for chance. */
export function notFound(estimate: Estimate): string {
  return isSingle(estimate) && estimate.from !== 'campaign'
    ? `no difference told (${floorText(estimate)})`
    : noDifference(estimate);
}

/** Where that is known from, in a sentence without its full stop; trials of one thing are what chance does. */
export function floorSource({ noise }: Result): string {
  const [newest] = noise.map(({ measuredAt }) => measuredAt).toSorted((a, b) => Date.parse(b) - Date.parse(a));
  return newest === undefined
    ? 'what chance does on this machine no campaign has shown, so nothing less than tenfold is called a difference'
    : `what chance does is taken from trials on this machine of ${dayText(newest)}`;
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
