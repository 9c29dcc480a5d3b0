import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseResult } from '../../scenarios/result/result.ts';
import { derive, isAvailable, per } from './figure.ts';
import {
  counterTotal,
  figuresOf,
  foreignShare,
  gauge,
  histogramOf,
  latencyFigure,
  latencyOf,
  percentileFigure,
  serverCpuNsPerBin,
  supportingMessages,
} from './figures.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { MeasuredTrial, ProcessRecord } from '../../scenarios/result/result.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';

describe('what a delivery costs', () => {
  const trial = websocketTrial();
  const { bins } = trial.window;

  /** By what was delivered and what was used in each bin. */
  function costOf(deliveries: readonly number[], use: (count: number, bin: number) => number): unknown {
    const cpuNsPerBin = deliveries.map(use);
    const processes = trial.processes.map((process) => ({ ...process, cpuNsPerBin }));
    const countersPerBin = { ...trial.countersPerBin, deliveries: [...deliveries] };
    return figuresOf({ ...trial, countersPerBin, processes }).cpuNsPerDelivery.worker;
  }

  const changing = Array.from({ length: bins }, (_, bin) => 100 * (1 + (bin % 4)));
  const steady = Array.from({ length: bins }, () => 100);

  test('leaves out what is used whatever is delivered, where bins have more and fewer deliveries', () => {
    expect(costOf(changing, (count) => 2e6 + count * 30_000)).toBeCloseTo(30_000, 6);
  });

  test('has it in where no line can tell it', () => {
    expect(costOf(steady, (count) => 2e6 + count * 30_000)).toBeCloseTo(30_000 + 2e6 / 100, 6);
    // Ten times as much in every other bin, whatever is delivered.
    const wild = (count: number, bin: number): number => (bin % 2 === 0 ? 20e6 : 2e6) + count * 30_000;
    expect(costOf(changing, wild)).toBeGreaterThan(60_000);
  });

  test('leaves out what is used in bins without deliveries, once there are three of them', () => {
    const quiet = (length: number): number[] =>
      steady.map((count, bin) => (bin < trial.window.firstBin + length ? 0 : count));
    const wild = (count: number, bin: number): number =>
      2e6 + (count === 0 ? 0 : count * (bin % 2 === 0 ? 300_000 : 3_000));
    const cost = (length: number): number => Number(costOf(quiet(length), wild));
    // Of 17 bins with deliveries nine are dear ones, of 18 nine too; 20 bins of 2 ms are in it where it is not known.
    expect(cost(3)).toBeCloseTo((9 * 300_000 + 8 * 3_000) / 17, 6);
    expect(cost(2)).toBeCloseTo((9 * 300_000 + 9 * 3_000) / 18 + (20 * 2e6) / 1800, 6);
  });

  test('adds nothing for a line that begins below nothing', () => {
    const { firstBin, endBin } = trial.window;
    const inWindow = changing.slice(firstBin, endBin);
    const total = inWindow.reduce((sum, count) => sum + count, 0);
    expect(costOf(changing, (count) => count * 30_000 - 1e6)).toBeCloseTo(30_000 - (inWindow.length * 1e6) / total, 6);
  });
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

/** A thousand latencies of 1, 2, … 1000 µs: each percentile is its own number. */
function evenlySlow(): MeasuredTrial {
  const histogram = new Histogram();
  for (let us = 1; us <= 1000; us++) histogram.record(us * 1000);
  return { ...websocketTrial(), histograms: { staleness: histogram.snapshot() } };
}

test('each percentile is the one that it says', () => {
  const latency = latencyOf(evenlySlow(), 'staleness');
  const figure = (field: 'p50Ns' | 'p90Ns' | 'p99Ns' | 'maxNs' | 'meanNs' | 'count'): unknown =>
    latencyFigure(latency, field);
  // Three significant digits are kept.
  const near = (us: number): unknown => expect.closeTo(us * 1000, -3);
  expect(figure('p50Ns')).toEqual(near(500));
  expect(figure('p90Ns')).toEqual(near(900));
  expect(figure('p99Ns')).toEqual(near(990));
  expect(figure('maxNs')).toBe(1e6);
  expect(figure('meanNs')).toBe(500_500);
  expect(figure('count')).toBe(1000);
  expect(percentileFigure(evenlySlow(), 'staleness', 75)).toEqual(near(750));
});

test('of a histogram that is not there, or has nothing in it, no percentile is made up', () => {
  const { staleness: _, ...histograms } = evenlySlow().histograms;
  const none = { reason: 'not recorded in this trial' };
  const without = { ...evenlySlow(), histograms };
  expect(percentileFigure(without, 'staleness', 50)).toEqual(none);
  expect(latencyOf(without, 'staleness')).toEqual(none);
  expect(latencyFigure(none, 'p50Ns')).toEqual(none);
  const empty = { ...evenlySlow(), histograms: { staleness: new Histogram().snapshot() } };
  expect(latencyOf(empty, 'staleness')).toEqual({ reason: 'nothing was recorded in the window' });
  const unknown = { ...evenlySlow(), sources: { staleness: { kind: 'n/a', reason: 'nobody looked' } } } as const;
  expect(latencyOf(unknown, 'staleness')).toEqual({ reason: 'nobody looked' });
});

test('a level is folded over those that were seen in the window', () => {
  const trial = websocketTrial();
  const levels: (number | null)[] = Array.from({ length: trial.window.bins }, () => null);
  const withLevels = (seen: Readonly<Record<number, number>>): MeasuredTrial => ({
    ...trial,
    gaugesPerBin: { connections: levels.map((_, bin) => seen[bin] ?? null) },
  });
  const first = trial.window.firstBin;
  expect(figuresOf(withLevels({ [first - 1]: 99, [first]: 7, [first + 3]: 12, [first + 4]: 9 })).connectionsPeak).toBe(
    12,
  );
  expect(figuresOf(withLevels({ [first]: 7 })).connectionsPeak).toBe(7);
  expect(figuresOf(withLevels({ [first - 1]: 99 })).connectionsPeak).toEqual({
    reason: 'nothing was recorded in the window',
  });
});

test('polls that found nothing are a share of all answers', () => {
  const { answers, emptyShare } = figuresOf(pollingTrial());
  expect(answers).toBe(25 * 20);
  expect(emptyShare).toBeCloseTo(0.02, 12);
});

test('what a process used belongs to its role alone', () => {
  const { cpuNs, waitNs, generatorCpuNsPerMessage, rssMaxBytes } = figuresOf(websocketTrial());
  expect(cpuNs).toMatchObject({ node: 20 * 20e6, publisher: 20 * 15e6, worker: 20 * 250e6 });
  expect(generatorCpuNsPerMessage).toBeCloseTo(250_000);
  expect(waitNs).toMatchObject({ node: 20 * 12e6, worker: 20 * 12e6 });
  expect(waitNs.redis).toEqual({ reason: 'this trial had no redis process of its own' });
  expect(rssMaxBytes.worker).toBe(80e6 + 22e5);
  expect(rssMaxBytes.redis).toEqual({ reason: 'this trial had no redis process of its own' });
});

/** The trial with two nodes in place of its one. */
function withNodes(...nodes: readonly Partial<ProcessRecord>[]): MeasuredTrial {
  const trial = websocketTrial();
  const [node] = trial.processes;
  if (node === undefined) throw new Error('the sample has no node');
  return { ...trial, processes: nodes.map((changes) => ({ ...node, ...changes })) };
}

test('two processes of a role count together, and what one of them does not tell is not told of both', () => {
  const perBin = (value: number): number[] => Array.from({ length: websocketTrial().window.bins }, () => value);
  const both = withNodes(
    { waitNsPerBin: perBin(3), cpuNsPerBin: perBin(5) },
    { waitNsPerBin: perBin(4), cpuNsPerBin: perBin(6) },
  );
  expect(figuresOf(both).waitNs.node).toBe(20 * 7);
  expect(figuresOf(both).cpuNs.node).toBe(20 * 11);
  expect(serverCpuNsPerBin(both)).toEqual(perBin(11));
  const silent = withNodes({ waitNsPerBin: perBin(3) }, { waitNsPerBin: null, cpuNsPerBin: [] });
  expect(figuresOf(silent).waitNs.node).toEqual({
    reason: 'this system does not tell how long processes wait for a core',
  });
  expect(figuresOf(silent).cpuNs.node).toEqual({ reason: 'this system did not tell what its processes use' });
});

test('memory is the most at one time; of a process that was seen less long its last figure goes on', () => {
  const { bins, firstBin } = websocketTrial().window;
  const climbing = Array.from({ length: bins }, (_, bin) => 100 + bin);
  const short = climbing.slice(0, firstBin + 2).map((_, bin) => (bin === firstBin ? 5000 : 1000));
  expect(figuresOf(withNodes({ rssBytesPerBin: climbing }, { rssBytesPerBin: short })).rssMaxBytes.node).toBe(
    5000 + 100 + firstBin,
  );
  const flat = climbing.map(() => 100);
  expect(figuresOf(withNodes({ rssBytesPerBin: flat }, { rssBytesPerBin: short.map(() => 7) })).rssMaxBytes.node).toBe(
    107,
  );
  expect(figuresOf(withNodes({ rssBytesPerBin: [] })).rssMaxBytes.node).toEqual({
    reason: 'nothing was recorded in the window',
  });
});

test('the server is what its roles use in each bin, the warm-up too', () => {
  const overRedis = sampleResult().trials.find(
    ({ state, variant }) => state === 'measured' && variant.backplane === 'redis',
  );
  if (overRedis?.state !== 'measured') throw new Error('the sample has no trial over Redis');
  const { bins, firstBin } = overRedis.window;
  const expected = Array.from({ length: bins }, (_, bin) => (bin < firstBin ? 2 : 1) * (20e6 + 20e6));
  for (const [bin, cpuNs] of serverCpuNsPerBin(overRedis).entries()) expect(cpuNs).toBeCloseTo(expected[bin] ?? 0, 0);
});

test('what other programs had of the cores is what is left of them, never less than nothing', () => {
  const trial = websocketTrial();
  // 10 ms of 2 cores are neither of the trial's processes nor of the coordinator's 2 ms.
  expect(foreignShare(trial)).toBeCloseTo((0.01 - 0.002) / 2, 9);
  const idle = { ...trial, countersPerBin: { ...trial.countersPerBin, coresBusy: [] } };
  expect(foreignShare(idle)).toBe(0);
  expect(foreignShare({ ...trial, machine: null })).toEqual({
    reason: 'this version of the result file did not keep it',
  });
  const blind = { ...trial, sources: { coresBusy: { kind: 'n/a', reason: 'not told' } } } as const;
  expect(foreignShare(blind)).toEqual({ reason: 'not told' });
});

test('where pushes leave messages out, those that came to each client support its percentiles', () => {
  const latest = (trial: MeasuredTrial): MeasuredTrial => ({
    ...trial,
    variant: { ...trial.variant, values: { ...trial.variant.values, deliver: 'latest' } },
  });
  const halved = (trial: MeasuredTrial): MeasuredTrial => {
    const deliveries = (trial.countersPerBin.deliveries ?? []).map((count) => count / 2);
    return { ...trial, countersPerBin: { ...trial.countersPerBin, deliveries } };
  };
  const pushed = websocketTrial();
  expect(supportingMessages(halved(pushed))).toBe(pushed.dueInWindow);
  expect(supportingMessages(latest(pushed))).toBe(pushed.dueInWindow);
  expect(supportingMessages(latest(halved(pushed)))).toBe(pushed.dueInWindow / 2);
  const polled = pollingTrial();
  expect(supportingMessages(latest(halved(polled)))).toBe(polled.dueInWindow);
  const unknown = { ...latest(pushed), sources: { deliveries: { kind: 'n/a', reason: 'not seen' } } } as const;
  expect(supportingMessages(unknown)).toBe(pushed.dueInWindow);
});

test('what nobody saw of the servers is not known, with the reason that the trial has, and never 0', () => {
  const reason = 'the server is not one of this run';
  const trial = { ...withNodes(), unwatched: { node: reason, redis: reason } };
  const figures = figuresOf(trial);
  const unknown = [
    figures.serverCpuNs,
    figures.serverCpuNsPerMessage,
    figures.cpuNs.node,
    figures.cpuNsPerDelivery.node,
    figures.waitNs.node,
    figures.rssMaxBytes.node,
  ];
  expect(unknown).toEqual(unknown.map(() => ({ reason })));
});
