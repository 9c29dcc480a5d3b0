/** By when each per cent of a number of clients were there, from 0 % to 100 %: a curve that any of them can be read off. */
export type TimesOfShares = readonly (number | null)[];

const PER_CENT = 100;

/**
 * Of the times of those that were, of `count` in all; null from the share on that never was. Of 0 % it is the first one's, which is
 * when the curve begins to rise.
 */
export function timesOfShares(timesNs: readonly number[], count: number): TimesOfShares {
  const sorted = timesNs.toSorted((a, b) => a - b);
  return Array.from({ length: PER_CENT + 1 }, (_, percent) => {
    const needed = Math.max(1, Math.ceil((percent * count) / PER_CENT));
    return sorted[needed - 1] ?? null;
  });
}

/** How many of a hundred were there by then. */
export function percentBy(times: TimesOfShares, atNs: number): number {
  const reached = times.findLastIndex((timeNs) => timeNs !== null && timeNs <= atNs);
  return Math.max(0, reached);
}
