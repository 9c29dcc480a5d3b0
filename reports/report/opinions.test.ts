import { expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { isMeasured, type MeasuredTrial } from '../../scenarios/result/result.ts';
import { type Agreement, type Opinion, secondOpinions } from './opinions.ts';
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
function agreement(
  change: (trial: MeasuredTrial) => Partial<MeasuredTrial>,
  both: Partial<MeasuredTrial> = {},
): Agreement | undefined {
  if (websocket === undefined) throw new Error('the sample has no WebSocket trial');
  const clock = { label: 'native', resolutionNs: 1 };
  const generators = { native: clock, other: { ...clock, label: 'other' } };
  const trial = { ...websocket, ...both };
  const trials = [trial, { ...trial, generator: 'other', ...change(trial) }];
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

test('windows that ended at other times leave out others, and hold back longer or shorter', () => {
  const variant = { transport: 'websocket', backplane: 'memory', values: { nodes: 1, deliver: 'latest' } };
  const windows = (holdMs: number, leftOut: number): Agreement | undefined =>
    agreement(
      ({ histograms, audit }) => {
        const held = new Histogram();
        for (let message = 0; message < 20_000; message++) held.record(holdMs * 1e6 + message);
        const received = audit.received - 100;
        return { histograms: { ...histograms, staleness: held.snapshot() }, audit: { ...audit, received, leftOut } };
      },
      { variant },
    );
  expect(windows(60, 100)).toMatchObject({ state: 'undecided', text: expect.stringMatching(/held back/) as string });
  expect(windows(150, 100)).toMatchObject({ state: 'disagrees' });
  expect(windows(60, 99)).toMatchObject({ state: 'disagrees', text: expect.stringMatching(/^it saw /) as string });
});

test('another count of messages is a disagreement, whatever the latencies', () => {
  const lossy = agreement((trial) => ({ audit: { ...trial.audit, received: trial.audit.received - 1 } }));
  expect(lossy?.state).toBe('disagrees');
});

test('a latency that the generator’s own CPU time explains is explained by it', () => {
  const explained = agreement((trial) => slower(trial, 200_000));
  expect(explained).toMatchObject({ state: 'explained' });
  expect(JSON.stringify(explained)).toMatch(
    /p50 is \d\.\d ms higher: its own CPU time for a message, \d\.\d ms more over the clients before it/,
  );
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

/** A trial in which every message was stale by so much. */
function steady(transport: string, stalenessMs: number, generator = 'native'): MeasuredTrial {
  if (websocket === undefined) throw new Error('the sample has no WebSocket trial');
  const staleness = new Histogram();
  for (let message = 0; message < 400; message++) staleness.record(stalenessMs * 1e6);
  const histograms = { ...websocket.histograms, staleness: staleness.snapshot() };
  return { ...websocket, generator, variant: { ...websocket.variant, transport }, histograms };
}

const CLOCKS = { native: { label: 'native', resolutionNs: 1 }, other: { label: 'another', resolutionNs: 1e6 } };

function opinionsOn(...trials: readonly MeasuredTrial[]): readonly Opinion[] {
  return secondOpinions(buildReport(sampleResult({ trials: [...trials], generators: CLOCKS })))[0]?.opinions ?? [];
}

test.each([
  ['websocket', [10, 11.9], 'agrees'],
  ['websocket', [10, 12.5], 'disagrees'],
  ['websocket', [10, 7.5], 'disagrees'],
  ['polling', [10, 10.9], 'agrees'],
  ['polling', [10, 11.5], 'disagrees'],
  ['long-polling', [10, 10.9], 'agrees'],
  ['long-polling', [10, 11.5], 'disagrees'],
  ['pigeon', [10, 10.9], 'agrees'],
  ['pigeon', [10, 11.5], 'disagrees'],
  ['polling', [1000, 1015], 'agrees'],
  ['polling', [1000, 1030], 'disagrees'],
] as const)('%s: of %j ms the second %s', (transport, [reference, second], state) => {
  const [first, other] = opinionsOn(steady(transport, reference), steady(transport, second, 'other'));
  expect(first?.agreement).toEqual({ state: 'reference' });
  expect(other?.agreement.state).toBe(state);
});

test('each percentile that differs is told, and which way', () => {
  const [, higher] = opinionsOn(steady('websocket', 10), steady('websocket', 12.5, 'other'));
  const [, lower] = opinionsOn(steady('websocket', 12.5), steady('websocket', 10, 'other'));
  const told = (way: string): string =>
    ['p50', 'p99']
      .map((at) => `${at} is 2.5 ms ${way}, which its own CPU time for a message does not explain`)
      .join('; ')
      .concat('; a trial of the two is suspect');
  expect(higher?.agreement).toEqual({ state: 'disagrees', text: told('higher') });
  expect(lower?.agreement).toEqual({ state: 'disagrees', text: told('lower') });
});

test('a generator that has no staleness has nothing to disagree with', () => {
  const blind = { ...steady('websocket', 99, 'other'), histograms: {} };
  expect(opinionsOn(steady('websocket', 10), blind)[1]?.agreement).toEqual({ state: 'agrees' });
});

test('a generator has its clock, what it takes for a second of its CPU, and its memory for a connection', () => {
  const [native, other] = opinionsOn(steady('websocket', 10), steady('websocket', 10, 'other'));
  expect([native?.generator, native?.resolutionNs]).toEqual(['native', 1]);
  expect([other?.generator, other?.resolutionNs]).toEqual(['another', 1e6]);
  // 250 ms of CPU for 1000 messages each second; 80 MB and 0.1 MB more each second, of which 40 MB were there before.
  expect(native?.messagesPerCpuSecond).toBeCloseTo(4000, 6);
  expect(native?.memoryPerConnection).toBeCloseTo((82.2e6 - 40e6) / 50, 3);
});

/** The trial with as many processes of a role as there are lists of cores, which share what one did. */
function sharedBy(role: 'node' | 'worker', cores: readonly number[][], trial: MeasuredTrial): MeasuredTrial {
  const one = trial.processes.find((process) => process.role === role);
  if (one === undefined) throw new Error(`the sample has no ${role}`);
  const total = trial.processes.filter((process) => process.role === role).length;
  const shared = cores.map((pins) => ({
    ...one,
    cores: pins,
    cpuNsPerBin: one.cpuNsPerBin.map((cpuNs) => (cpuNs * total) / cores.length),
  }));
  return { ...trial, processes: [...trial.processes.filter((process) => process.role !== role), ...shared] };
}

test('what a generator adds by itself grows with how much faster the server sends than it reads', () => {
  const ownShareNs = (trial: MeasuredTrial): unknown =>
    opinionsOn(trial, { ...trial, generator: 'other' })[0]?.ownShareNs.least;
  const trial = steady('websocket', 10);
  // The 25.5th of 50 messages, each read in 250 µs; they come every 20 µs.
  const oneCore = sharedBy('node', [[0], [0], [0]], trial);
  expect(ownShareNs(oneCore)).toBeCloseTo(250e3 + 24.5 * (250e3 - 20e3), 0);
  // From three nodes at once they come three times as fast.
  const threeCores = sharedBy('node', [[0], [1], [2]], trial);
  expect(ownShareNs(threeCores)).toBeCloseTo(250e3 + 24.5 * (250e3 - 20e3 / 3), 0);
  // Each of two processes has half of the clients, so every second message.
  expect(ownShareNs(sharedBy('worker', [[0], [1]], oneCore))).toBeCloseTo(250e3 + 12 * (250e3 - 40e3), 0);
  expect(ownShareNs(steady('polling', 10))).toBe(0);
});

test('the generator that the result names first is the reference, whichever measured first', () => {
  const opinions = opinionsOn(steady('websocket', 10, 'other'), steady('websocket', 10));
  expect(opinions.map(({ generator, agreement: { state } }) => [generator, state])).toEqual([
    ['native', 'reference'],
    ['another', 'agrees'],
  ]);
});
