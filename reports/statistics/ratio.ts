import { MOST_HISTORY_DEGREES } from '../../scenarios/result/noise.ts';
import {
  blocksOfAll,
  type ClassSpread,
  classTable,
  type History,
  logsOf,
  mean,
  type MetricTrials,
  plainSpread,
  residualSpread,
  type Spread,
  type VariantTrials,
  withHistory,
} from './spread.ts';
import { studentQuantile } from './student.ts';

/** Of ln(ratio): histograms have three digits, and one bin more moves bytes by 0.03 %. */
const FLOOR = 0.002;
/** Of all intervals together, on either side. */
const OUTSIDE = 0.025;
/** How often a difference of the smallest size is found. */
const POWER = 0.8;
/** A pooled variance weighs as much as that many degrees of a variant's own. */
const MOST_PRIOR_DEGREES = 4;
/** Sessions differ by more than what trials of one of them show. */
const MOST_DEGREES_ACROSS = 7;

/** What is known of chance: from the trials themselves, from earlier ones, or nothing, so that much is taken for chance. */
type Basis = 'campaign' | 'history' | 'assumption';

export type RatioEstimate =
  | {
      readonly state: 'estimated';
      /** Of the geometric means. */
      readonly ratio: number;
      readonly low: number;
      readonly high: number;
      /** Of Student's t; 0 where figures do not vary. */
      readonly degrees: number;
      /** Blocks in which both were measured; of separate campaigns, of the one with fewer. */
      readonly trials: number;
      /** The smallest ratio above 1 that would have been found, 4 times in 5. */
      readonly smallest: number;
      /** Whether the interval leaves out 1. */
      readonly differs: boolean;
      readonly from: Basis;
    }
  | { readonly state: 'unranked'; readonly reason: string };

export interface RatioOptions {
  /** How many ratios are to hold together at 95 %: m. */
  readonly comparisons?: number;
  readonly history?: History;
  /** Of ln(ratio): nothing below it is a difference. */
  readonly floor?: number;
  /** The figure hardly varies (bytes): one trial each suffices. */
  readonly isSteady?: boolean;
  /** Of ln(figure), for single trials of which no history tells; absent: then they are not compared. */
  readonly assumedSd?: number;
}

/** Single trials of which nothing is known are told apart where they differ tenfold: more than chance did on any machine that was seen. */
export const ASSUMED_SD = Math.LN10 / (Math.SQRT2 * 1.96);
/** An assumption is no estimate: its quantiles are the normal distribution's. */
const ASSUMED_DEGREES = 1_000_000;

const NO_HISTORY = 'one trial each: only bytes can be compared';
const NO_HISTORY_OF_ONE = 'one block alone has both of them whole: only bytes can be compared';

/**
 * The ratio of two variants of a campaign with its interval: R = exp(ȳa − ȳb) × exp(± t(1 − 0.025/m) SE), y = ln of a
 * trial's figure, over the T blocks that both have whole; SE² = (ŝ²a + ŝ²b) ÷ T with
 * ŝ²v = (d s² + (T − 1) s²v) ÷ (d + T − 1), d = min(4, f): a variant's own variance shrunk towards its class's, after
 * G. K. Smyth 2004 (Linear models and empirical Bayes methods), and degrees by F. E. Satterthwaite 1946, in one class at most f.
 */
export function ratioOf(
  trials: MetricTrials,
  pair: { readonly of: string; readonly to: string },
  options: RatioOptions = {},
): RatioEstimate {
  const a = variantOf(trials, pair.of);
  const b = variantOf(trials, pair.to);
  const blocks = blocksOfAll([a, b]);
  if (blocks.length === 0) return { state: 'unranked', reason: 'no block has both of them whole' };
  const logRatio = mean(logsOf(a, blocks)) - mean(logsOf(b, blocks));
  // Where more was measured, and one block alone is whole, something went wrong: nothing is assumed of that.
  const { assumedSd: _nothing, ...known } = options;
  const single = [a, b].every(({ byBlock }) => byBlock.size === 1) ? options : known;
  const error = blocks.length === 1 ? singleError(a, b, single) : pairError(trials, { a, b, blocks }, options);
  return error === undefined
    ? { state: 'unranked', reason: reasonOf(blocks.length, Math.max(a.byBlock.size, b.byBlock.size)) }
    : estimate({ logRatio, trials: blocks.length, error }, options);
}

function reasonOf(shared: number, most: number): string {
  if (shared > 1) return 'too few blocks are whole';
  return most > 1 ? NO_HISTORY_OF_ONE : NO_HISTORY;
}

/** A variant of one campaign, to be compared with one of another. */
export interface CampaignVariant {
  readonly trials: MetricTrials;
  readonly id: string;
  readonly history?: History;
}

export interface AcrossOptions extends RatioOptions {
  /** σ: what campaigns at different times differ by, on top of what their trials show; sd of ln(figure). */
  readonly betweenSessionsSd: number;
}

/**
 * The ratio of two variants of separate campaigns. They share no block, so nothing is taken off for blocks:
 * SE² = ŝ²a ÷ Ta + ŝ²b ÷ Tb + 2σ², at most 7 degrees.
 */
export function ratioAcross(of: CampaignVariant, to: CampaignVariant, options: AcrossOptions): RatioEstimate {
  const [a, b] = [aloneIn(of, options), aloneIn(to, options)];
  if (a === undefined || b === undefined) return { state: 'unranked', reason: NO_HISTORY };
  const own = combine([a.error, b.error]);
  const error: StandardError = {
    variance: own.variance + 2 * options.betweenSessionsSd ** 2,
    // Where their own trials do not vary, σ is all there is.
    degrees: own.variance === 0 ? MOST_DEGREES_ACROSS : Math.min(MOST_DEGREES_ACROSS, own.degrees),
    from: own.from,
  };
  return estimate({ logRatio: a.centre - b.centre, trials: Math.min(a.trials, b.trials), error }, options);
}

/** SE², the degrees of freedom of it, and what it is made of. */
interface StandardError {
  readonly variance: number;
  readonly degrees: number;
  readonly from: Basis;
}

function variantOf({ variants }: MetricTrials, id: string): VariantTrials {
  const variant = variants.find((candidate) => candidate.id === id);
  if (variant === undefined) throw new RangeError(`no variant is called ${id}`);
  return variant;
}

interface ComparedPair {
  readonly a: VariantTrials;
  readonly b: VariantTrials;
  readonly blocks: readonly number[];
}

/** Undefined where fewer than two blocks tell of a class, and history does not either. */
function pairError(trials: MetricTrials, pair: ComparedPair, options: RatioOptions): StandardError | undefined {
  const { a, b, blocks } = pair;
  const isOneClass = a.classId === b.classId;
  const spreads = [a, b].map(({ id, classId }) => {
    const table = classTable(trials, classId, blocks);
    const own = isOneClass ? residualSpread(table) : plainSpread(table);
    return { id, spread: withHistory(own, options.history?.[classId]) };
  });
  const least = Math.min(...spreads.map(({ spread }) => spread.degrees));
  if (least === 0) return undefined;
  const error = combine(spreads.map(({ id, spread }) => meanError(spread, id, blocks.length)));
  return isOneClass ? { ...error, degrees: Math.min(least, error.degrees) } : error;
}

/**
 * The error of one variant's mean over so many blocks: its own variance, drawn towards its class's. That of a variant alone
 * in its class is its own already, and must not count twice: drawn towards itself its intervals held the truth in 87 to
 * 93 %.
 */
function meanError(spread: ClassSpread, id: string, blocks: number): StandardError {
  const isItsOwn = spread.isAlone && spread.from === 'campaign';
  const prior = isItsOwn ? 0 : Math.min(MOST_PRIOR_DEGREES, spread.degrees);
  const own = blocks - 1;
  const variance = (prior * spread.variance + own * (spread.ofVariant(id) ?? spread.variance)) / (prior + own);
  return { variance: variance / blocks, degrees: prior + own, from: spread.from };
}

/** Of one trial each: history tells, SE = √2 sh with h degrees in one class. */
function singleError(a: VariantTrials, b: VariantTrials, options: RatioOptions): StandardError | undefined {
  const [ofA, ofB] = [a, b].map(({ classId }) => singleTrialError(options.history?.[classId], options));
  if (ofA === undefined || ofB === undefined) return undefined;
  const error = combine([ofA, ofB]);
  return a.classId === b.classId ? { ...error, degrees: ofA.degrees } : error;
}

function singleTrialError(
  history: Spread | undefined,
  { isSteady = false, assumedSd }: RatioOptions,
): StandardError | undefined {
  if (history !== undefined)
    return { variance: history.sd ** 2, degrees: Math.min(MOST_HISTORY_DEGREES, history.degrees), from: 'history' };
  if (isSteady) return { variance: 0, degrees: 0, from: 'campaign' };
  return assumedSd === undefined
    ? undefined
    : { variance: assumedSd ** 2, degrees: ASSUMED_DEGREES, from: 'assumption' };
}

function aloneIn(
  { trials, id, history }: CampaignVariant,
  options: RatioOptions,
): { readonly centre: number; readonly trials: number; readonly error: StandardError } | undefined {
  const variant = variantOf(trials, id);
  const blocks = blocksOfAll([variant]);
  if (blocks.length === 0) return undefined;
  const centre = mean(logsOf(variant, blocks));
  const past = history?.[variant.classId];
  if (blocks.length === 1) {
    const error = singleTrialError(past, options);
    return error === undefined ? undefined : { centre, trials: 1, error };
  }
  const spread = withHistory(plainSpread(classTable(trials, variant.classId, blocks)), past);
  return { centre, trials: blocks.length, error: meanError(spread, id, blocks.length) };
}

/** The weakest first: what rests on several is as good as that. */
const BASES: readonly Basis[] = ['assumption', 'history', 'campaign'];

/** Satterthwaite: (Σ v)² ÷ Σ (v² ÷ degrees), v the variances of the means. */
function combine(errors: readonly StandardError[]): StandardError {
  const variance = errors.reduce((sum, error) => sum + error.variance, 0);
  const weights = errors.reduce(
    (sum, error) => sum + (error.variance === 0 ? 0 : error.variance ** 2 / error.degrees),
    0,
  );
  return {
    variance,
    degrees: weights === 0 ? 0 : variance ** 2 / weights,
    from: BASES.find((basis) => errors.some(({ from }) => from === basis)) ?? 'campaign',
  };
}

function estimate(
  { logRatio, trials, error }: { readonly logRatio: number; readonly trials: number; readonly error: StandardError },
  { comparisons = 1, floor = FLOOR }: RatioOptions,
): RatioEstimate {
  const width = Math.max(floor, halfWidthOfLog(error, comparisons));
  const smallest = Math.max(floor, smallestLog(error, comparisons));
  const [low, high] = [Math.exp(logRatio - width), Math.exp(logRatio + width)];
  return {
    state: 'estimated',
    ratio: Math.exp(logRatio),
    low,
    high,
    degrees: error.degrees,
    trials,
    smallest: Math.exp(smallest),
    differs: low > 1 || high < 1,
    from: error.from,
  };
}

function halfWidthOfLog({ variance, degrees }: Omit<StandardError, 'from'>, comparisons = 1): number {
  return variance === 0 ? 0 : studentQuantile(1 - OUTSIDE / comparisons, degrees) * Math.sqrt(variance);
}

function smallestLog(error: Omit<StandardError, 'from'>, comparisons = 1): number {
  const { variance, degrees } = error;
  return variance === 0
    ? 0
    : halfWidthOfLog(error, comparisons) + studentQuantile(POWER, degrees) * Math.sqrt(variance);
}

/** How far above its ratio the interval of a pair would end that varies so, after so many blocks: a factor. */
export function halfWidth({ sd, degrees }: Spread, blocks: number): number {
  return Math.exp(halfWidthOfLog({ variance: (2 * sd ** 2) / blocks, degrees }));
}

/** The smallest ratio above 1 that such a pair would show 4 times in 5. */
export function smallestRatio({ sd, degrees }: Spread, blocks: number): number {
  return Math.exp(smallestLog({ variance: (2 * sd ** 2) / blocks, degrees }));
}
