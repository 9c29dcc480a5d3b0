import { expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { isMeasured, type MeasuredTrial } from '../../scenarios/result/result.ts';
import { type Agreement, secondOpinions } from './opinions.ts';
import { buildReport } from './report.ts';
import { sampleResult } from '../testing/sample-result.ts';

const sample = sampleResult();
const websocket = sample.trials.filter(isMeasured).find(({ variant }) => variant.transport === 'websocket');

/** A trial by two generators, the second one's with other staleness. */
function agreementOn(staleness: Histogram, dueInWindow: number): Agreement | undefined {
  return agreement((trial) => ({
    dueInWindow,
    histograms: { ...trial.histograms, staleness: staleness.snapshot() },
  }));
}

/** The sample's WebSocket trial by two generators, of which the second sees it as `change` says. */
function agreement(change: (trial: MeasuredTrial) => Partial<MeasuredTrial>): Agreement | undefined {
  if (websocket === undefined) throw new Error('the sample has no WebSocket trial');
  const clock = { label: 'native', resolutionNs: 1 };
  const generators = { native: clock, other: { ...clock, label: 'other' } };
  const trials = [websocket, { ...websocket, generator: 'other', ...change(websocket) }];
  const [opinion] = secondOpinions(buildReport(sampleResult({ trials, generators })));
  return opinion?.opinions[1].agreement;
}

function slower(trial: MeasuredTrial, extraCpuNsPerMessage: number): Partial<MeasuredTrial> {
  const later = sampleResult()
    .trials.filter(isMeasured)
    .find(({ variant }) => variant.transport === 'long-polling');
  const deliveries = trial.countersPerBin.deliveries ?? [];
  return {
    histograms: { ...trial.histograms, ...(later?.histograms.staleness && { staleness: later.histograms.staleness }) },
    processes: trial.processes.map((process) =>
      process.role === 'worker'
        ? {
            ...process,
            cpuNsPerBin: process.cpuNsPerBin.map((cpuNs, bin) => cpuNs + extraCpuNsPerMessage * (deliveries[bin] ?? 0)),
          }
        : process,
    ),
  };
}

test('one generator has no second opinion', () => {
  expect(secondOpinions(buildReport(sample))).toEqual([]);
});

test('the same figures agree', () => {
  expect(agreement(() => ({}))).toEqual({ state: 'agrees' });
});

test('a generator whose core was full is said to have queued', () => {
  const late = new Histogram();
  for (let message = 0; message < 100; message++) late.record(5e9);
  const full = agreement((trial) => ({
    histograms: { ...trial.histograms, staleness: late.snapshot() },
    processes: trial.processes.map((process) =>
      process.role === 'worker'
        ? { ...process, cpuNsPerBin: process.cpuNsPerBin.map(() => 0.93 * trial.window.binNs) }
        : process,
    ),
  }));
  expect(full).toMatchObject({ state: 'disagrees' });
  expect(JSON.stringify(full)).toMatch(/it used 93 % of its core, so what came had to queue/);
});

test('a few stalls are within chance as long as few messages were there to meet one', () => {
  const staleness = Histogram.from(websocket?.histograms.staleness ?? new Histogram().snapshot());
  const stalls = Math.ceil(staleness.count / 20);
  for (let stall = 0; stall < stalls; stall++) staleness.record(80e6);
  expect(agreementOn(staleness, 50)).toEqual({
    state: 'undecided',
    text: 'p99 is 78.4 ms higher, which 50 messages cannot tell from chance',
  });
  expect(agreementOn(staleness, 400)?.state).toBe('disagrees');
});

test('trials with fewer clients are compared with each other', () => {
  if (websocket === undefined) throw new Error('the sample has no WebSocket trial');
  const clock = { label: 'native', resolutionNs: 1 };
  const trials = [sample.workload.clients, 4].flatMap((clients) =>
    ['native', 'other'].map((generator) => ({ ...websocket, clients, generator })),
  );
  const report = buildReport(sampleResult({ trials, generators: { native: clock, other: clock } }));
  expect(report.measured).toHaveLength(2);
  expect(report.all).toHaveLength(4);
  expect(
    secondOpinions(report).map(({ variant, opinions }) => [variant, opinions.map(({ row }) => row.trial.clients)]),
  ).toEqual([
    ['WebSocket, redis × 3, 50 clients', [50, 50]],
    ['WebSocket, redis × 3, 4 clients', [4, 4]],
  ]);
});

test('another count of messages is a disagreement, whatever the latencies', () => {
  const lossy = agreement((trial) => ({ audit: { ...trial.audit, received: trial.audit.received - 1 } }));
  expect(lossy?.state).toBe('disagrees');
});

test('a latency that the generator’s own CPU time explains is explained by it', () => {
  expect(agreement((trial) => slower(trial, 200_000))?.state).toBe('explained');
});

test('one that it does not explain is a disagreement, in words', () => {
  const apart = agreement((trial) => slower(trial, 0));
  expect(apart).toMatchObject({ state: 'disagrees' });
  expect(JSON.stringify(apart)).toMatch(
    /p50 is \d+\.\d ms higher, which its own CPU time for a message does not explain/,
  );
});

test('a generator whose core had room is not said to have queued', () => {
  const late = new Histogram();
  for (let message = 0; message < 100; message++) late.record(5e9);
  const withRoom = agreementOn(late, 400);
  expect(withRoom?.state).toBe('disagrees');
  expect(JSON.stringify(withRoom)).not.toMatch(/queue/);
});
