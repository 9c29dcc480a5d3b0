import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResult } from '../../scenarios/result/result.ts';
import { derive, isAvailable, per } from './figure.ts';
import { counterTotal, figuresOf, gauge, histogramOf, latencyFigure } from './figures.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';

test('what a delivery costs leaves out what is used when there is none, once that is known', () => {
  const trial = websocketTrial();
  const deliveries = (quiet: number): number[] =>
    Array.from({ length: trial.window.bins }, (_, bin) => (bin < trial.window.firstBin + quiet ? 0 : 100));
  const use = (counts: readonly number[]): number[] => counts.map((count) => 2e6 + count * 30_000);
  const costOf = (quiet: number): unknown => {
    const counts = deliveries(quiet);
    const processes = trial.processes.map((process) => ({ ...process, cpuNsPerBin: use(counts) }));
    const countersPerBin = { ...trial.countersPerBin, deliveries: counts };
    return figuresOf({ ...trial, countersPerBin, processes }).cpuNsPerDelivery.worker;
  };
  expect(costOf(3)).toBeCloseTo(30_000, 6);
  // Two bins are too few to know: the idle use is in it, 20 bins of 2 ms over 18 bins of 100.
  expect(costOf(2)).toBeCloseTo(30_000 + (20 * 2e6) / 1800, 6);
});

test('the sample is a result', () => {
  const saved: unknown = JSON.parse(`${JSON.stringify(sampleResult())}\n`);
  expect(parseResult(saved)).toEqual(sampleResult());
});

// In the sample, bins of the warm-up hold twice as much as those of the window.
test('figures are of the window alone, per delivered message', () => {
  const figures = figuresOf(websocketTrial());
  expect(figures.deliveries).toBe(20 * 50 * 20);
  expect(figures.deliveriesPerSecond).toBe(1000);
  expect(figures.payloadBytesPerMessage).toBe(300);
  expect(figures.transportBytesPerMessage).toEqual({ down: 304, up: 0, total: 304 });
  expect(figures.wireBytesPerMessage.total).toBeCloseTo(436);
  expect(figures.wireBytesPerMessage.down).toBeCloseTo(0.85 * 436);
  expect(figures.connectionsPeak).toBe(50);
  expect(figures.serverCpuNsPerMessage).toBeCloseTo(20_000);
  expect(figures.generatorCores).toBeCloseTo(0.25);
});

test('the server is nodes and Redis; the theory asks for the nodes alone', () => {
  const overRedis = sampleResult().trials.find(
    ({ state, variant }) => state === 'measured' && variant.backplane === 'redis',
  );
  const figures = overRedis?.state === 'measured' ? figuresOf(overRedis) : undefined;
  expect(figures?.nodeCpuNsPerMessage).toBeCloseTo(20_000);
  expect(figures?.serverCpuNsPerMessage).toBeCloseTo(20_000 + 20e6 / 1000);
  expect(figures?.backplaneBytesPerPublished).toBe(2400);
  expect(figures?.rssMaxBytes.node).toBe(3 * (80e6 + 22e5));
});

test('what is missing says why, and never reads as 0', () => {
  const trial = websocketTrial();
  const figures = figuresOf(trial);
  expect(figures.emptyShare).toEqual({ reason: 'no HTTP answers in the window' });
  expect(figures.cpuNs.redis).toEqual({ reason: 'this trial had no redis process of its own' });
  expect(counterTotal(trial, 'gapsFilled')).toEqual({ reason: 'the nodes of the sample do not tell' });
  const blind = { ...trial, sources: { wireBytesUp: { kind: 'n/a', reason: 'no namespaces here' } } } as const;
  expect(figuresOf(blind).wireBytesPerMessage).toMatchObject({ total: { reason: 'no namespaces here' } });
  expect(histogramOf({ ...trial, histograms: {} }, 'staleness')).toEqual({ reason: 'not recorded in this trial' });
  expect(gauge({ ...trial, gaugesPerBin: {} }, 'connections', (levels) => Math.max(...levels))).toEqual({
    reason: 'not recorded in this trial',
  });
});

test('a counter that was never raised is a true 0', () => {
  expect(counterTotal(websocketTrial(), 'unexpectedCloses')).toBe(0);
  expect(figuresOf({ ...pollingTrial(), countersPerBin: {} }).payloadBytesPerMessage).toEqual({
    reason: 'nothing was delivered in the window',
  });
});

test('percentiles come in order', () => {
  const { staleness } = figuresOf(pollingTrial());
  const ordered = (['p50Ns', 'p90Ns', 'p99Ns', 'maxNs'] as const).map((field) => latencyFigure(staleness, field));
  expect(ordered.every(isAvailable)).toBe(true);
  expect(ordered).toEqual(ordered.filter(isAvailable).toSorted((a, b) => a - b));
});

test('a figure from figures is missing exactly where one of them is', () => {
  const figure = fc.oneof(fc.double({ noNaN: true }), fc.record({ reason: fc.string() }));
  fc.assert(
    fc.property(fc.array(figure, { minLength: 1 }), (inputs) => {
      const derived = derive(inputs, (...values) => values.length);
      expect(derived).toEqual(inputs.find((input) => !isAvailable(input)) ?? inputs.length);
    }),
  );
  expect(per(5, 0, 'of nothing')).toEqual({ reason: 'of nothing' });
  expect(per(0, 0, 'of nothing')).toEqual({ reason: 'of nothing' });
});
