/** How the beginning of a trial was told from its measured window. */
export interface WarmUp {
  readonly firstBin: number;
  /** In words, for the report. */
  readonly finding: string;
}

/** Values of one bin: how many messages, and the mean over all clients. One broadcast to N clients is one sample, not N. */
export interface BinMean {
  readonly count: number;
  readonly mean: number;
}

const WINDOW_BINS = 4;
/** Georges, Buytaert & Eeckhout 2007 call a run steady when the coefficient of variation of a window falls below a bound. */
const STEADY_BELOW = 0.2;
/** The mean of fewer goes up and down by chance: what looks like a warm-up would cut windows, and unequal ones cannot be compared. */
const FEWEST_MESSAGES = 10;

/**
 * The first bin at or after `plannedBins` from which a window of four bins is steady: its coefficient of variation is
 * below 0.2. Three quarters of the bins after the planned warm-up are kept in any case: a trial that is not steady by then
 * is measured as it is, and the finding says so. Only bins before `undisturbedBins` are looked at: behind them something was made
 * to happen.
 */
export function findWarmUp(all: readonly BinMean[], plannedBins: number, undisturbedBins: number = all.length): WarmUp {
  const means = all.slice(0, undisturbedBins);
  if (means.length < all.length && means.length - plannedBins < WINDOW_BINS)
    return { firstBin: plannedBins, finding: 'as planned: what was made to happen came too soon for more to be told' };
  const latestStart = plannedBins + Math.floor((means.length - plannedBins) / 4);
  const usable = means.slice(plannedBins).every(({ count }) => count >= FEWEST_MESSAGES);
  if (!usable || means.length - plannedBins < WINDOW_BINS)
    return { firstBin: plannedBins, finding: 'as planned: too few messages to tell whether the server was warm' };
  for (let first = plannedBins; first <= latestStart; first++) {
    const variation = coefficientOfVariation(means.slice(first, first + WINDOW_BINS));
    if (variation < STEADY_BELOW) return { firstBin: first, finding: steady(first - plannedBins, variation) };
  }
  return {
    firstBin: plannedBins,
    finding: `as planned: delivery was not steady soon enough (coefficient of variation above ${STEADY_BELOW} in each early window of ${WINDOW_BINS} bins)`,
  };
}

function steady(extraBins: number, variation: number): string {
  const when = extraBins === 0 ? 'as planned' : `${extraBins} bins more than planned`;
  return `${when}: delivery was steady from there on (coefficient of variation ${variation.toFixed(2)} over ${WINDOW_BINS} bins)`;
}

function coefficientOfVariation(values: readonly BinMean[]): number {
  const mean = values.reduce((sum, value) => sum + value.mean, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value.mean - mean) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance) / mean;
}
