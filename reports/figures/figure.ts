/** A number that a trial gave, or in words why it gave none. Never a zero that stands for "not known". */
export type Figure = number | NotAvailable;

export interface NotAvailable {
  readonly reason: string;
}

export function isAvailable(figure: Figure): figure is number {
  return typeof figure === 'number';
}

/** Computes from figures; the first one that is missing makes the result missing, with its reason. */
export function derive(inputs: readonly Figure[], compute: (...values: number[]) => number): Figure {
  const values: number[] = [];
  for (const input of inputs) {
    if (!isAvailable(input)) return input;
    values.push(input);
  }
  return compute(...values);
}

/** `total` for each of `count`; there is no such share of nothing. */
export function per(total: Figure, count: Figure, nothing: string): Figure {
  const ratio = derive([total, count], (numerator, denominator) => numerator / denominator);
  return typeof ratio === 'number' && !Number.isFinite(ratio) ? { reason: nothing } : ratio;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
