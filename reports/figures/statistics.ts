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

/** Outside of the interval, on either side. */
const OUTSIDE = 0.025;

/**
 * The percentiles of a sample between which the true `percentile` (0..100) lies with 95 % confidence or more, whatever the
 * distribution: how many of `samples` independent samples lie below it is binomial (W. J. Conover, Practical Nonparametric
 * Statistics, 3rd ed., 3.2). Undefined where too few samples set no bound: the true p99 of 240 lies above all of them one time
 * in eleven, and from 368 on only one time in forty.
 */
export function percentileInterval(
  percentile: number,
  samples: number,
): readonly [low: number | undefined, high: number | undefined] {
  const share = percentile / 100;
  let cumulative = 0;
  let logProbability = samples * Math.log(1 - share);
  let lowRank: number | undefined;
  for (let below = 0; below < samples; below++) {
    cumulative += Math.exp(logProbability);
    logProbability += Math.log(((samples - below) / (below + 1)) * (share / (1 - share)));
    if (cumulative > OUTSIDE) lowRank ??= below;
    if (cumulative >= 1 - OUTSIDE) return [percentBelow(lowRank ?? below, samples), (100 * (below + 1)) / samples];
  }
  return [percentBelow(lowRank ?? samples, samples), undefined];
}

/** Of `samples` in order, how many percent come before the one of that rank, which counts from 1; undefined before the first. */
function percentBelow(rank: number, samples: number): number | undefined {
  return rank < 1 ? undefined : (100 * (rank - 1)) / samples;
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

interface Line {
  /** Where it is at 0. */
  readonly start: number;
  readonly slope: number;
  /** The standard error of the slope. */
  readonly slopeError: number;
}

/** The line of least squares; undefined where the points are fewer than three, or above each other. */
export function fitLine(xs: readonly number[], ys: readonly number[]): Line | undefined {
  const count = xs.length;
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / count;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const spread = count * mean(xs.map((x) => (x - meanX) ** 2));
  if (count < 3 || spread === 0) return undefined;
  const slope = (count * mean(xs.map((x, index) => (x - meanX) * ((ys[index] ?? meanY) - meanY)))) / spread;
  const start = meanY - slope * meanX;
  const missed = count * mean(xs.map((x, index) => ((ys[index] ?? meanY) - start - slope * x) ** 2));
  return { start, slope, slopeError: Math.sqrt(missed / (count - 2) / spread) };
}
