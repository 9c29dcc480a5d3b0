import { claimFigure, type ClaimFigureId, type ClaimFigures } from '../../scenarios/claims/figures.ts';
import { formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { percentText } from '../figures/wording.ts';

/** The figures that were taken for one claim: none of them is missing. */
export class Taken {
  readonly #figures: ClaimFigures;

  constructor(figures: ClaimFigures) {
    this.#figures = figures;
  }

  all(id: ClaimFigureId): readonly number[] {
    return this.#figures[id] ?? [];
  }

  low(id: ClaimFigureId): number {
    return Math.min(...this.all(id));
  }

  high(id: ClaimFigureId): number {
    return Math.max(...this.all(id));
  }

  /** The median. */
  middle(id: ClaimFigureId): number {
    const sorted = this.all(id).toSorted((a, b) => a - b);
    const half = sorted.length >> 1;
    const upper = sorted[half] ?? Number.NaN;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
  }

  /** The median as a reader takes it. */
  text(id: ClaimFigureId): string {
    return amountText(id, this.middle(id));
  }

  /** From the least to the most; one amount where they are the same in words. */
  rangeText(id: ClaimFigureId): string {
    const [low, high] = [amountText(id, this.low(id)), amountText(id, this.high(id))];
    return low === high ? low : `${low} to ${high}`;
  }

  /** The median with what it lies between, where that says more. */
  spreadText(id: ClaimFigureId): string {
    const [middle, range] = [this.text(id), this.rangeText(id)];
    return middle === range ? middle : `${middle} (${range})`;
  }
}

export function amountText(id: ClaimFigureId, value: number): string {
  const { unit } = claimFigure(id);
  switch (unit) {
    case 'bytes':
      return Number.isInteger(value) && Math.abs(value) < 1000 ? `${value} B` : formatBytes(value);
    case 'ns':
      return value < 0 ? `−${formatDuration(-value)}` : formatDuration(value);
    case 'perSecond':
      return `${significant(value)} a second`;
    case 'share':
      return percentText(value, 0);
    case 'count':
      return Number.isInteger(value) ? value.toLocaleString('en-US') : significant(value);
    default:
      return unit satisfies never;
  }
}
