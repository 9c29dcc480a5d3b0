import { MOST_HISTORY_DEGREES } from '../../scenarios/result/noise.ts';

/** Variants whose trials vary alike have one name for it. */
export interface VariantTrials {
  readonly id: string;
  readonly classId: string;
  /** A figure above 0 for each block that the variant has whole, by the block's number. */
  readonly byBlock: ReadonlyMap<number, number>;
}

/** One figure of the trials of one campaign. */
export interface MetricTrials {
  readonly variants: readonly VariantTrials[];
}

/** A standard deviation of ln(figure), and the degrees of freedom that it rests on. */
export interface Spread {
  readonly sd: number;
  readonly degrees: number;
}

/** By class: how this machine's trials have varied before. */
export type History = Readonly<Record<string, Spread>>;

/** How the variants of a class vary in a campaign. */
export interface ClassSpread {
  /** s² */
  readonly variance: number;
  /** f, and h where history is in it; 0 where nothing is known. */
  readonly degrees: number;
  /** s²v; undefined where fewer than two blocks tell. */
  readonly ofVariant: (id: string) => number | undefined;
  /** One variant is all there is of the class: s² is its own variance. */
  readonly isAlone: boolean;
  readonly from: 'campaign' | 'history';
}

/** With fewer degrees of its own a campaign takes those of history to them; with more, a calmer past would hurt. */
const ENOUGH_DEGREES = 3;

/** Which variants and blocks a class's spread is computed of. */
interface ClassTable {
  readonly variants: readonly VariantTrials[];
  readonly blocks: readonly number[];
}

/**
 * The class's variants with the blocks that all of them have. Where that leaves fewer than two, because a variant misses
 * others, those alone that have `needed`: the blocks of the two that are compared.
 */
export function classTable({ variants }: MetricTrials, classId: string, needed: readonly number[] = []): ClassTable {
  const members = variants.filter((variant) => variant.classId === classId && variant.byBlock.size > 0);
  const blocks = blocksOfAll(members);
  if (blocks.length >= 2 || needed.length < 2) return { variants: members, blocks };
  const fuller = members.filter(({ byBlock }) => needed.every((block) => byBlock.has(block)));
  return { variants: fuller, blocks: blocksOfAll(fuller) };
}

/** The blocks that each of the variants has, in order. */
export function blocksOfAll(variants: readonly VariantTrials[]): number[] {
  const [first, ...others] = variants;
  const numbers = [...(first?.byBlock.keys() ?? [])].toSorted((a, b) => a - b);
  return numbers.filter((number) => others.every(({ byBlock }) => byBlock.has(number)));
}

/** ln of the variant's figures in these blocks. */
export function logsOf({ byBlock }: VariantTrials, blocks: readonly number[]): number[] {
  return blocks.map((block) => Math.log(byBlock.get(block) ?? Number.NaN));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * What is left when variants and blocks have told what is theirs: r = y − ȳv − ȳblock + ȳ, f = (K − 1)(B − 1),
 * s² = Σr² ÷ f, s²v = K/(K − 1) × Σr²v ÷ (B − 1), for K variants in B blocks (the two-way layout without interaction:
 * D. C. Montgomery, Design and Analysis of Experiments, 4.1). One variant alone keeps what its blocks have in common.
 */
export function residualSpread(table: ClassTable): ClassSpread {
  const { variants, blocks } = table;
  if (variants.length < 2) return plainSpread(table);
  const logs = variants.map((variant) => logsOf(variant, blocks));
  const means = logs.map(mean);
  const whole = mean(means);
  const perBlock = blocks.map((_, block) => mean(logs.map((row) => row[block] ?? 0)));
  const squares = logs.map((row, variant) =>
    sumOfSquares(row.map((y, block) => y - (means[variant] ?? 0) - (perBlock[block] ?? 0) + whole)),
  );
  const perVariant = variants.length / (variants.length - 1);
  const degrees = degreesOf(table);
  const total = squares.reduce((sum, square) => sum + square, 0);
  return spreadOf(table, {
    variance: degrees === 0 ? 0 : total / degrees,
    perVariant: squares.map((square) => (perVariant * square) / (blocks.length - 1)),
  });
}

/** With what blocks have in common: s²v is the variant's variance, s² the mean of those, f as above; of one variant B − 1. */
export function plainSpread(table: ClassTable): ClassSpread {
  const variances = table.variants.map((variant) => {
    const logs = logsOf(variant, table.blocks);
    const centre = mean(logs);
    return sumOfSquares(logs.map((y) => y - centre)) / (logs.length - 1);
  });
  return spreadOf(table, { variance: degreesOf(table) === 0 ? 0 : mean(variances), perVariant: variances });
}

function spreadOf(
  table: ClassTable,
  { variance, perVariant }: { readonly variance: number; readonly perVariant: readonly number[] },
): ClassSpread {
  const known = new Map(table.variants.map(({ id }, index) => [id, perVariant[index]]));
  return {
    variance,
    degrees: degreesOf(table),
    ofVariant: (id) => (table.blocks.length < 2 ? undefined : known.get(id)),
    isAlone: table.variants.length < 2,
    from: 'campaign',
  };
}

function degreesOf({ variants, blocks }: ClassTable): number {
  return Math.max(0, blocks.length - 1) * Math.max(1, variants.length - 1);
}

function sumOfSquares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** s² = max(s², (f s² + h s²h) ÷ (f + h)) with f + h degrees, where f < 3. */
export function withHistory(spread: ClassSpread, history: Spread | undefined): ClassSpread {
  if (history === undefined || spread.degrees >= ENOUGH_DEGREES) return spread;
  const past = Math.min(MOST_HISTORY_DEGREES, history.degrees);
  const degrees = spread.degrees + past;
  const pooled = (spread.degrees * spread.variance + past * history.sd ** 2) / degrees;
  return { ...spread, variance: Math.max(spread.variance, pooled), degrees, from: 'history' };
}

/** How the trials of a class vary, what their blocks have in common taken off; undefined where fewer than two blocks tell. */
export function pooledSd(trials: MetricTrials, classId: string): Spread | undefined {
  const { variance, degrees } = residualSpread(classTable(trials, classId));
  return degrees === 0 ? undefined : { sd: Math.sqrt(variance), degrees };
}
