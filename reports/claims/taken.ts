import type { FigureRow, TakenFigure } from '../../scenarios/claims/figures.ts';
import { exactDuration, formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { percentText, rangeText } from '../figures/wording.ts';
import { type FigureKey, rowOf } from './figure-keys.ts';

/** Of each figure that was taken, its values. */
export type TakenFigures = (key: FigureKey) => TakenFigure | undefined;

/** Figures of which none that is asked for is missing. */
export class Taken {
  readonly #figures: TakenFigures;

  constructor(figures: TakenFigures) {
    this.#figures = figures;
  }

  /** Those of trials that nothing disturbed, where there are some. */
  all(key: FigureKey): readonly number[] {
    const { values = [], disturbed = [] } = this.#figures(key) ?? {};
    return values.length > 0 ? values : disturbed;
  }

  /** What disturbed every one of its trials; undefined where some were not. */
  disturbedBy(key: FigureKey): string | undefined {
    const { values = [], by } = this.#figures(key) ?? {};
    return values.length > 0 ? undefined : (by ?? undefined);
  }

  low(key: FigureKey): number {
    return Math.min(...this.all(key));
  }

  high(key: FigureKey): number {
    return Math.max(...this.all(key));
  }

  /** The median. */
  middle(key: FigureKey): number {
    const sorted = this.all(key).toSorted((a, b) => a - b);
    const half = sorted.length >> 1;
    const upper = sorted[half] ?? Number.NaN;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
  }

  /** The median as a reader takes it. */
  text(key: FigureKey): string {
    return amountText(rowOf(key), this.middle(key));
  }

  /** From the least to the most; one amount where they are the same in words. */
  rangeText(key: FigureKey): string {
    const [low, high] = [amountText(rowOf(key), this.low(key)), amountText(rowOf(key), this.high(key))];
    return low === high ? low : rangeText(low, high);
  }

  /** The median with what it lies between, where that says more. */
  spreadText(key: FigureKey): string {
    const [middle, range] = [this.text(key), this.rangeText(key)];
    return middle === range ? middle : `${middle} (${range})`;
  }
}

export function amountText({ unit }: FigureRow, value: number): string {
  switch (unit) {
    case 'bytes':
      return Number.isInteger(value) && Math.abs(value) < 1000 ? `${value} B` : formatBytes(value);
    case 'ns':
      return value < 0 ? `−${formatDuration(-value)}` : formatDuration(value);
    case 'perSecond':
      return `${significant(value)} a second`;
    case 'share':
      return percentText(value, 0);
    case 'times':
      return `${significant(value)} times`;
    case 'count':
      return Number.isInteger(value) ? value.toLocaleString('en-US') : significant(value);
    default:
      return unit satisfies never;
  }
}

/** Of a bound, which somebody chose. */
export function boundText({ unit }: FigureRow, value: number): string {
  switch (unit) {
    case 'bytes':
      return `${value.toLocaleString('en-US')} B`;
    case 'ns':
      return exactDuration(value);
    case 'perSecond':
      return `${value.toLocaleString('en-US')} a second`;
    case 'share':
      return percentText(value, 0);
    case 'times':
      return `${value} times`;
    case 'count':
      return value.toLocaleString('en-US');
    default:
      return unit satisfies never;
  }
}
