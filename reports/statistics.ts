/** How many messages must lie beyond a percentile for it to be more than the accident of a few. */
const FEWEST_BEYOND = 10;
/** 100 − 99.9 is a little less than 0.1 in binary. */
const TOLERANCE = 1e-9;

/**
 * Whether `samples` independent samples support a percentile (0..100): samples × (1 − p) ≥ 10. One broadcast to N
 * clients is one sample, not N, because one stall of the server makes all N late together.
 */
export function isSupported(percentile: number, samples: number): boolean {
  return samples * (1 - percentile / 100) >= FEWEST_BEYOND - TOLERANCE * samples;
}

/** The highest percentile (0..100) that `samples` support; 0 where they support none. */
export function highestSupported(samples: number): number {
  return samples <= FEWEST_BEYOND ? 0 : 100 * (1 - FEWEST_BEYOND / samples);
}

/** Standard normal quantile of 97.5 %. */
const TWO_SIDED_95 = 1.96;

/**
 * The percentiles between which the true `percentile` (0..100) of the population lies with 95 % confidence, whatever its
 * distribution: of `samples` independent samples, a binomial number lies below it (W. J. Conover, Practical Nonparametric
 * Statistics, 3rd ed., 3.2; normal approximation, cut to 0..100).
 */
export function percentileInterval(percentile: number, samples: number): readonly [low: number, high: number] {
  const share = percentile / 100;
  const margin = 100 * TWO_SIDED_95 * Math.sqrt((share * (1 - share)) / Math.max(1, samples));
  return [Math.max(0, percentile - margin), Math.min(100, percentile + margin)];
}

/** `420 messages support percentiles up to 97.6`; rounded down, so that it never promises too much. */
export function supportText(samples: number): string {
  const messages = samples === 1 ? '1 message supports' : `${samples.toLocaleString('en-US')} messages support`;
  const highest = highestSupported(samples);
  if (highest === 0) return `${messages} no percentile`;
  const decimals = Math.max(1, Math.ceil(-Math.log10(1 - highest / 100) - 1));
  const shown = Math.floor((highest + TOLERANCE) * 10 ** decimals) / 10 ** decimals;
  return `${messages} percentiles up to ${shown}`;
}

/** Where a percentile lies on an axis that gives each further nine the same room: 90 at 1, 99 at 2, 99.9 at 3. */
export function percentilePosition(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

export function percentileAt(position: number): number {
  return 100 * (1 - 10 ** -position);
}
