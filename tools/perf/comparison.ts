/** Two ways to do the same, both measured in this run, in turns: absolute times drift from one run to the next, ratios much less. */
export interface Comparison {
  readonly question: string;
  /** Of what each turn read: `ns`, `a CPU-second`. */
  readonly unit: string;
  readonly ours: string;
  readonly theirs: string;
  readonly turns: readonly Turn[];
  /** What ours should be, as a multiple of theirs; absent where it is only to be known. */
  readonly aim?: Aim;
}

export interface Turn {
  readonly ours: number;
  readonly theirs: number;
}

export type Aim = { readonly atMost: number } | { readonly atLeast: number };

/** What a part of `make perf` calls with each comparison, as soon as it has it. */
export type Tell = (comparison: Comparison) => void;

/** Of the turns' ratios, ours divided by theirs. */
export function medianRatio({ turns }: Comparison): number {
  return median(turns.map(({ ours, theirs }) => ours / theirs));
}

export function isMet(comparison: Comparison): boolean {
  const { aim } = comparison;
  if (aim === undefined) return true;
  const ratio = medianRatio(comparison);
  return 'atMost' in aim ? ratio <= aim.atMost : ratio >= aim.atLeast;
}

/** Two lines: what was asked; both sides, their ratio with its spread, and the aim beside it. */
export function comparisonText(comparison: Comparison): string {
  const { question, unit, turns, aim } = comparison;
  const ratios = turns.map(({ ours, theirs }) => ours / theirs);
  const ours = `${comparison.ours} ${amount(median(turns.map((turn) => turn.ours)))} ${unit}`;
  const theirs = `${comparison.theirs} ${amount(median(turns.map((turn) => turn.theirs)))}`;
  const spread = `${Math.min(...ratios).toFixed(2)}…${Math.max(...ratios).toFixed(2)}`;
  const aimed = aim === undefined ? '' : `; aim ${aimText(aim)}: ${isMet(comparison) ? 'met' : 'MISSED'}`;
  return `${question}\n  ${ours} against ${theirs}: ${medianRatio(comparison).toFixed(2)} × (${spread})${aimed}`;
}

function aimText(aim: Aim): string {
  return 'atMost' in aim ? `≤ ${aim.atMost} ×` : `≥ ${aim.atLeast} ×`;
}

function amount(value: number): string {
  return value < 100 ? value.toPrecision(3) : value.toFixed(0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
