import type { Variant } from '../../scenarios/variant.ts';
import { type Figure, isAvailable } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import { isSuspect, type MeasuredRow } from '../report/rows.ts';
import type { BarDataset, BarDrawing } from './chart.ts';

interface Part {
  readonly label: string;
  readonly of: (figures: Figures, variant: Variant) => Figure;
}

/** A bar a trial, made of parts; a part without a figure is missing from its bar, and from the legend where no bar has it. */
export function stackBars(
  measured: readonly MeasuredRow[],
  parts: readonly Part[],
  value: BarDrawing['value'],
): BarDrawing | string {
  if (measured.length === 0) return 'Nothing was measured.';
  const hollow = measured.map(isSuspect);
  return {
    type: 'bar',
    labels: measured.map(({ lines }) => lines),
    datasets: parts
      .map(
        ({ label, of }, index): BarDataset => ({
          label,
          data: measured.map(({ figures, trial }) => numberOrNull(of(figures, trial.variant))),
          colour: `layer-${index}`,
          hollow,
        }),
      )
      .filter(({ data }) => data.some((bar) => bar !== null)),
    value,
  };
}

function numberOrNull(figure: Figure): number | null {
  return isAvailable(figure) ? figure : null;
}
