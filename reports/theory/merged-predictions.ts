import { type Figure, isAvailable, sum } from '../figures/figure.ts';
import { compare, type Prediction } from './prediction.ts';
import type { StageId } from './stages.ts';

/**
 * What the theory says of a variant: each trial is predicted from its own parameters, and the centres of what was predicted
 * and of what was measured stand beside each other. Geometric means, as everywhere; of shares, which may be 0, plain ones.
 */
export function mergedPredictions(trials: readonly (readonly Prediction[])[]): Prediction[] {
  return [...Map.groupBy(trials.flat(), ({ quantity }) => quantity).values()].flatMap(merged);
}

function merged(own: readonly Prediction[]): Prediction[] {
  const [first] = own;
  if (first === undefined) return [];
  const centre = first.unit === 'share' ? plainMean : geometricMean;
  return [
    compare({
      quantity: first.quantity,
      formula: first.formula,
      inputs: first.inputs.map((input, place) => ({
        ...input,
        value: geometricMean(own.map(({ inputs }) => inputs[place]?.value ?? input.value)),
      })),
      unit: first.unit,
      predicted: {
        low: centre(own.map(({ predicted }) => predicted.low)),
        high: centre(own.map(({ predicted }) => predicted.high)),
      },
      measured: centreOfFigures(
        own.map(({ measured }) => measured),
        centre,
      ),
      stage: mostFrequent(own.map(({ stage }) => stage)) ?? first.stage,
      longRunOnly: first.longRunOnly,
    }),
  ];
}

function centreOfFigures(figures: readonly Figure[], centre: (values: readonly number[]) => number): Figure {
  const missing = figures.find((figure) => !isAvailable(figure));
  return missing ?? centre(figures.filter((figure) => isAvailable(figure)));
}

/** 0 where one of them is. */
function geometricMean(values: readonly number[]): number {
  return Math.exp(plainMean(values.map(Math.log)));
}

function plainMean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function mostFrequent(stages: readonly StageId[]): StageId | undefined {
  const [most] = [...Map.groupBy(stages, (stage) => stage)].toSorted(([, a], [, b]) => b.length - a.length);
  return most?.[0];
}
