import { expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { CoarseRecorder } from './coarse-recorder.ts';

test('no latency is finer than the bound: each is a multiple of it, one at least', () => {
  const recorder = new CoarseRecorder({ originNs: 0, binNs: 1e9, count: 1 }, 1000);
  for (const valueNs of [0, 400, 1499, 2600]) recorder.record('staleness', valueNs, 0);
  const snapshot = recorder.snapshot()[0]?.histograms.staleness;
  expect(snapshot).toMatchObject({ count: 4, minNs: 1000, maxNs: 3000, sumNs: 6000 });
  expect(snapshot === undefined ? 0 : Histogram.from(snapshot).percentileNs(75)).toBeCloseTo(1000, -1);
});
