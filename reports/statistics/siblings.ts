import { logsOf, type MetricTrials } from './spread.ts';

/** A trial that is unlike the others of its variant. */
export interface UnlikeTrial {
  readonly block: number;
  /** How many times the others' median its figure is. */
  readonly factor: number;
}

const MOST_ROBUST_SDS = 3.5;
/** The median difference of two draws from one normal distribution, in standard deviations: √2 × 0.6745. */
const MEDIAN_DIFFERENCE = 0.9539;
/** With fewer differences, too many honest trials are called unlike. */
const FEWEST_DIFFERENCES = 6;
/** Two do not tell which of them is unlike the other. */
const FEWEST_TRIALS = 3;
/** Of ln(figure), as for ratios: nothing below it is a difference. */
const FLOOR = 0.002;

/**
 * Trials over 3.5 robust standard deviations from the median of their variant (B. Iglewicz and D. C. Hoaglin 1993). The
 * deviation is the class's, from all differences between trials of one variant: of three trials alone a median deviation calls
 * one honest trial in five unlike, this one in 100 to 400.
 */
export function unlikeTrials({ variants }: MetricTrials, id: string): UnlikeTrial[] {
  const variant = variants.find((candidate) => candidate.id === id);
  if (variant === undefined || variant.byBlock.size < FEWEST_TRIALS) return [];
  const siblings = variants.filter(({ classId }) => classId === variant.classId);
  const differences = siblings.flatMap((sibling) => differencesOf(logsOf(sibling, [...sibling.byBlock.keys()])));
  if (differences.length < FEWEST_DIFFERENCES) return [];
  const most = Math.max(FLOOR, (MOST_ROBUST_SDS * median(differences)) / MEDIAN_DIFFERENCE);
  const blocks = [...variant.byBlock.keys()];
  const logs = logsOf(variant, blocks);
  // The siblings' own median would lie half way to one that is unlike, and call the others unlike too.
  const centre = median(logs);
  return blocks.flatMap((block, index): UnlikeTrial[] => {
    const own = logs[index] ?? centre;
    if (Math.abs(own - centre) <= most) return [];
    return [{ block, factor: Math.exp(own - median(logs.toSpliced(index, 1))) }];
  });
}

function differencesOf(values: readonly number[]): number[] {
  return values.flatMap((value, index) => values.slice(index + 1).map((other) => Math.abs(value - other)));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
