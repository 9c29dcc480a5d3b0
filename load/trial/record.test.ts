import { expect, test } from 'vitest';
import type { EventLoopReport } from '../../scenarios/measures/event-loop.ts';
import { type Bin, Recorder, type Recording } from '../../scenarios/measures/recording.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import type { GeneratorReport } from '../generator.ts';
import { loopbackNetwork } from '../machine/network.ts';
import { Yardstick } from '../watch/yardstick.ts';
import { ProcessWatch, type WatchedProcess } from '../watch/process-watch.ts';
import { mergeAudits } from '../subscribers/audit.ts';
import { EdgeWatch } from './edge-watch.ts';
import { recordTrial, type TrialPieces } from './record.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { planWindow } from './window.ts';

const SECOND = 1e9;
const ORIGIN_NS = 500 * SECOND;

const spec: TrialSpec = {
  variant: { transport: 'websocket', backplane: 'memory', values: { nodes: 1, headers: 'browser' } },
  generator: 'native',
  clients: 10,
  trial: 2,
  copy: false,
  attempt: 1,
  workload: loadWorkload('ticker'),
  seed: 1,
  warmUpNs: 3 * SECOND,
  windowNs: 8 * SECOND,
};
const RATE = spec.workload.feed.messagesPerSecond;
const timing = planWindow(spec, ORIGIN_NS);

const loop = (delayMaxNs: number): EventLoopReport => ({ delayP50Ns: 1, delayP99Ns: 2, delayMaxNs, utilization: 0.1 });

const PROCESSES: readonly WatchedProcess[] = [
  { role: 'node', name: 'node 1', pid: 2 ** 30, cores: [0] },
  { role: 'redis', name: 'redis', pid: 2 ** 30 + 1, cores: [0] },
  { role: 'publisher', name: 'publisher', pid: 2 ** 30 + 2, cores: [1] },
  { role: 'worker', name: 'worker 1', pid: 2 ** 30 + 3, cores: [1] },
  { role: 'worker', name: 'worker 2', pid: 2 ** 30 + 4, cores: [1] },
];

/** `delayNs` of each bin, for 150 deliveries in it, and 10 answers. */
function recordingOf(delayNs: (bin: number) => number): Recording {
  const recorder = new Recorder(timing.bins);
  for (let bin = 0; bin < timing.bins.count; bin++) {
    const atNs = ORIGIN_NS + bin * timing.bins.binNs;
    for (let delivery = 0; delivery < 150; delivery++) recorder.record('delivery', delayNs(bin), atNs);
    recorder.count('answers', 10, atNs);
    recorder.level('connections', 100 + bin, atNs);
  }
  return recorder.snapshot();
}

function reportOf(recording: Recording, changes: Partial<GeneratorReport> = {}): GeneratorReport {
  const audit = { ...mergeAudits([]), subscribers: 100, expected: 1000, received: 1000 };
  return { recording, audit, eventLoop: loop(7), ends: [], absences: [], foreign: null, ...changes };
}

const NOTHING: Recording = Array.from(
  { length: timing.bins.count },
  (): Bin => ({ histograms: {}, counters: {}, gauges: {} }),
);

const nobody = new Yardstick([], new AsyncDisposableStack());

function piecesOf(changes: Partial<TrialPieces> = {}): TrialPieces {
  const watch = new ProcessWatch(PROCESSES);
  const published = RATE * timing.bins.count;
  return {
    timing,
    partial: false,
    ramp: { durationNs: 5, wireBytes: null, serverCpuNs: 6 },
    oneWayDelayNs: 40_000,
    presence: [],
    link: undefined,
    idle: undefined,
    outcome: { published, scheduleHash: 'ab', recording: NOTHING, eventLoop: loop(5) },
    edges: new EdgeWatch({ watch, network: loopbackNetwork('no wire here'), yardstick: nobody }, timing.bins),
    watch,
    generator: [reportOf(recordingOf(() => 1000)), reportOf(NOTHING)],
    nodes: [{ pid: 2 ** 30, recording: NOTHING, eventLoop: loop(3) }],
    faults: [],
    network: { note: 'no wire here', counted: false },
    ...changes,
  };
}

const PLACEMENT = { server: [0], generator: [1], note: 'servers on cores 0; generator on 1' };

function recorded(changes: Partial<TrialPieces> = {}, placement = PLACEMENT): MeasuredTrial {
  return recordTrial(spec, piecesOf(changes), { startedAt: '2026-05-17T14:23:01.000Z', wallNs: 9, placement });
}

/** Slow in the bins before `warm`, which is what warming up looks like. */
const warmingUp = (warm: number): Pick<TrialPieces, 'generator'> => ({
  generator: [reportOf(recordingOf((bin) => (bin < warm ? 50_000 + bin * 30_000 : 1000)))],
});

test('the window holds nothing of the warm-up', () => {
  const trial = recorded(warmingUp(3));
  expect(trial.window).toMatchObject({
    firstBin: 3,
    endBin: 11,
    bins: 11,
    plannedWarmUpNs: 3 * SECOND,
    excludedNs: 3 * SECOND,
  });
  expect(trial.histograms.delivery).toMatchObject({ count: 8 * 150, minNs: 1000, maxNs: 1000 });
  expect(trial.dueInWindow).toBe(8 * RATE);
});

test('a warm-up that took longer than planned is left out as a whole', () => {
  const trial = recorded(warmingUp(4));
  expect(trial.window).toMatchObject({ firstBin: 4, plannedWarmUpNs: 3 * SECOND, excludedNs: 4 * SECOND });
  expect(trial.histograms.delivery).toMatchObject({ count: 7 * 150, maxNs: 1000 });
  expect(trial.dueInWindow).toBe(7 * RATE);
});

test('per bin there is all of the feed, the warm-up too, and null where nothing was recorded', () => {
  const trial = recorded(warmingUp(3));
  expect(trial.countersPerBin).toEqual({ answers: Array.from({ length: 11 }, () => 10) });
  expect(trial.gaugesPerBin).toEqual({ connections: Array.from({ length: 11 }, (_, bin) => 100 + bin) });
  expect(trial.histogramsPerBin.delivery).toHaveLength(11);
  expect(trial.histogramsPerBin.delivery?.[3]).toEqual({
    count: 150,
    meanNs: 1000,
    p50Ns: 1000,
    p99Ns: 1000,
    maxNs: 1000,
  });
  expect(trial.histogramsPerBin.delivery?.[0]?.maxNs).toBe(50_000);
  const silent = recorded({ generator: [reportOf([...recordingOf(() => 1000).slice(0, 5), ...NOTHING.slice(5)])] });
  expect(silent.histogramsPerBin.delivery?.slice(4, 6)).toEqual([expect.anything(), null]);
  expect(silent.gaugesPerBin.connections?.slice(4, 6)).toEqual([104, null]);
  expect(silent.countersPerBin.answers?.slice(4, 6)).toEqual([10, 0]);
});

test('a trial that was cut has the bins that it got, and the messages that were published by then', () => {
  const bins = { ...timing.bins, count: 6 };
  const cut = { ...timing, bins, windowEndNs: ORIGIN_NS + 6 * SECOND };
  const published = 5.5 * RATE;
  const outcome = { ...piecesOf().outcome, published };
  const trial = recorded({ timing: cut, partial: true, outcome });
  expect(trial.partial).toBe(true);
  expect(trial.window).toMatchObject({ bins: 6, firstBin: 3, endBin: 6 });
  expect(trial.histograms.delivery?.count).toBe(3 * 150);
  expect(trial.countersPerBin.answers).toHaveLength(6);
  expect(trial.dueInWindow).toBe(published - 3 * RATE);
  expect(trial.audit.published).toBe(published);
});

test('the parts of all processes are one: audits, bins, ends', () => {
  const lossy = reportOf(
    recordingOf(() => 2000),
    {
      audit: { ...reportOf(NOTHING).audit, lost: 4, received: 996 },
      ends: [{ end: { code: 'connection-closed' }, count: 2 }],
    },
  );
  const other = reportOf(
    recordingOf(() => 1000),
    { ends: [{ end: { code: 'connection-closed' }, count: 1 }] },
  );
  const trial = recorded({ generator: [lossy, other] });
  expect(trial.audit).toMatchObject({ subscribers: 200, received: 1996, lost: 4 });
  expect(trial.sessionEnds).toEqual([{ end: { code: 'connection-closed' }, count: 3 }]);
  expect(trial.histograms.delivery).toMatchObject({ count: 8 * 300, minNs: 1000, maxNs: 2000 });
  expect(trial.countersPerBin.answers?.[0]).toBe(20);
});

test('each process has its own event loop; one that is not ours has none', () => {
  const generator = [reportOf(NOTHING, { eventLoop: loop(71) }), reportOf(NOTHING, { eventLoop: loop(72) })];
  const loops = recorded({ generator }).processes.map(({ name, eventLoop }) => [name, eventLoop?.delayMaxNs ?? null]);
  expect(loops).toEqual([
    ['node 1', 3],
    ['redis', null],
    ['publisher', 5],
    ['worker 1', 71],
    ['worker 2', 72],
  ]);
});

test('who counted the bytes is said, and why nobody did', () => {
  const without = recorded();
  for (const id of ['wireBytesDown', 'wireBytesUp', 'wirePacketsDown', 'wirePacketsUp', 'backplaneBytes'] as const) {
    expect(without.sources[id]).toEqual({ kind: 'n/a', reason: 'no wire here' });
  }
  const counted = recorded({ network: { note: 'a wire', counted: true } });
  expect(counted.sources.wireBytesUp).toEqual({ kind: 'measured', from: 'a wire' });
  expect(counted.sources.backplaneBytes?.kind).toBe('measured');
  expect(counted.sources.payloadBytes).toEqual({ kind: 'measured', from: 'lengths of the messages that clients read' });
  expect(counted.sources.transportBytesDown).toEqual({ kind: 'measured', from: "the clients' sockets" });
  // Of a watch that never looked nothing is known.
  expect(counted.sources.stolenTime).toEqual({
    kind: 'n/a',
    reason: 'this system does not tell what its hypervisor takes',
  });
});

test('what a reader should know of a trial is remarked, and nothing else', () => {
  expect(recorded({ network: { note: 'a wire', counted: true } }).remarks).toEqual([]);
  const generator = [reportOf(NOTHING), reportOf(NOTHING, { foreign: '"hello"' })];
  const unpinned = { server: [], generator: [], note: 'one core' };
  expect(recorded({ generator }, unpinned).remarks).toEqual(['foreign: "hello"', 'one core', 'no wire here']);
});

test('where the data of a feed is too much to be known beforehand, that is remarked of those who look at data', () => {
  const large = { ...spec, workload: { ...spec.workload, payload: { kind: 'stock-prices', bytes: 2 ** 20 } as const } };
  const remarks = (corrupted: number | null): readonly string[] => {
    const audit = { ...reportOf(NOTHING).audit, corrupted };
    const pieces = piecesOf({
      generator: [reportOf(NOTHING, { audit })],
      network: { note: 'a wire', counted: true },
    });
    return recordTrial(large, pieces, { startedAt: '2026-05-17T14:23:01.000Z', wallNs: 9, placement: PLACEMENT })
      .remarks;
  };
  expect(remarks(0)).toEqual([
    'the data of the first 64 messages was held against the feed; of the others their times and checksums',
  ]);
  expect(remarks(null)).toEqual([]);
});

test('whom nodes took for online wrongly is part of the audit, and what was refused is remarked', () => {
  const looked = { when: 'connected', node: 'node 1', connected: 10, missing: 2, strangers: 1, afterNs: 5e9 } as const;
  const trial = recorded({
    presence: [looked, { ...looked, when: 'finished', missing: 0, strangers: 0 }],
    generator: [
      reportOf(NOTHING),
      reportOf(NOTHING, { refusal: 'send: no room' }),
      reportOf(NOTHING, { refusal: 'x' }),
    ],
    network: { note: 'a wire', counted: true },
  });
  expect(trial.presence).toHaveLength(2);
  expect(trial.audit.misreported).toBe(3);
  expect(trial.remarks).toEqual(['refused: send: no room']);
});

test('a Redis that is not of this run is remarked', () => {
  const overRedis: TrialSpec = { ...spec, variant: { ...spec.variant, backplane: 'redis' } };
  const network = { note: 'a wire', counted: true };
  const occasion = { startedAt: '2026-05-17T14:23:01.000Z', wallNs: 9, placement: PLACEMENT };
  const remarks = (processes: readonly WatchedProcess[]): string[] =>
    recordTrial(overRedis, piecesOf({ network, watch: new ProcessWatch(processes) }), occasion).remarks;
  expect(remarks(PROCESSES)).toEqual([]);
  expect(remarks(PROCESSES.filter(({ role }) => role !== 'redis'))).toEqual([
    'Redis is not one of this run: its CPU and memory are in no figure',
  ]);
});

test('what the trial was, and what it took, is kept as it was told', () => {
  expect(recorded()).toMatchObject({
    state: 'measured',
    variant: spec.variant,
    generator: 'native',
    clients: 10,
    trial: 2,
    startedAt: '2026-05-17T14:23:01.000Z',
    partial: false,
    scheduleHash: 'ab',
    ramp: { durationNs: 5, wireBytes: null, serverCpuNs: 6 },
    oneWayDelayNs: 40_000,
    wallNs: 9,
    machine: { cores: [0, 1] },
  });
});
