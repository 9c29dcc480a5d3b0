import { expect, test } from 'vitest';
import { mergedPredictions } from './merged-predictions.ts';
import { compare, type Prediction } from './prediction.ts';

const staleness = (c: number, measured: number | { reason: string }): Prediction =>
  compare({
    quantity: 'median staleness',
    formula: 'c/2',
    inputs: [{ symbol: 'c', value: c, kind: 'time' }],
    unit: 'ns',
    predicted: { low: c / 2, high: c },
    measured,
    stage: c > 3e6 ? 'client' : 'server',
  });

const empty = (predicted: number, measured: number): Prediction =>
  compare({ quantity: 'empty', formula: 'e', inputs: [], unit: 'share', predicted, measured, stage: 'interval' });

test('each trial is predicted from its own values, and the centres are compared', () => {
  const [merged, ...others] = mergedPredictions([[staleness(1e6, 2e6)], [staleness(4e6, 8e6)]]);
  expect(others).toEqual([]);
  expect(merged?.predicted.low).toBeCloseTo(1e6);
  expect(merged?.predicted.high).toBeCloseTo(2e6);
  expect(merged?.measured).toBeCloseTo(4e6);
  expect(merged?.residual).toBeCloseTo(1);
  expect(merged).toMatchObject({ basis: 'c 2.00 ms', unexplained: true, formula: 'c/2' });
});

test('one trial stays as it is', () => {
  const [merged] = mergedPredictions([[staleness(1e6, 2e6)]]);
  expect(merged?.residual).toBeCloseTo(1);
  expect(merged).toMatchObject({ quantity: 'median staleness', stage: 'server', basis: 'c 1.00 ms' });
});

test('of shares, which may be nothing, the plain mean counts', () => {
  const [merged] = mergedPredictions([[empty(0, 0)], [empty(0.2, 0.4)]]);
  expect(merged).toMatchObject({ predicted: { low: 0.1, high: 0.1 }, measured: 0.2 });
});

test('the stage is the one of most trials', () => {
  const [merged] = mergedPredictions([[staleness(1e6, 9e6)], [staleness(4e6, 9e6)], [staleness(4e6, 9e6)]]);
  expect(merged?.stage).toBe('client');
});

test('what one trial could not measure is not known of the variant', () => {
  const [merged] = mergedPredictions([[staleness(1e6, { reason: 'no' })], [staleness(1e6, 9e6)]]);
  expect(merged).toMatchObject({ measured: { reason: 'no' }, residual: { reason: 'no' }, unexplained: false });
});

test('without trials nothing is predicted', () => {
  expect(mergedPredictions([])).toEqual([]);
});
