import { expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { MeasuredTrial, ProcessRecord } from '../../scenarios/result/result.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { verdictOf } from './verdict.ts';

function withWorker(change: Partial<ProcessRecord>): MeasuredTrial {
  const trial = websocketTrial();
  const processes = trial.processes.map((process) => (process.role === 'worker' ? { ...process, ...change } : process));
  return { ...trial, processes };
}

function withLatency(id: 'lateness' | 'staleness', valueNs: number, trial = websocketTrial()): MeasuredTrial {
  const histogram = new Histogram();
  for (let sample = 0; sample < 100; sample++) histogram.record(valueNs);
  return { ...trial, histograms: { ...trial.histograms, [id]: histogram.snapshot() } };
}

function reasonsOf(trial: MeasuredTrial): readonly string[] {
  const verdict = verdictOf(trial);
  return verdict.state === 'suspect' ? verdict.reasons : [];
}

test('an instrument at ease is trusted', () => {
  expect(verdictOf(websocketTrial())).toEqual({ state: 'trusted' });
});

test('a worker whose loop or core was full makes its trial suspect; the same of a node does not', () => {
  const busy = { delayP50Ns: 0, delayP99Ns: 0, delayMaxNs: 0, utilization: 0.83 };
  expect(reasonsOf(withWorker({ eventLoop: busy }))).toEqual([
    'worker 1: event loop busy 83 % of the time, more than 70 %',
  ]);
  expect(reasonsOf(withWorker({ cpuNsPerBin: Array.from({ length: 23 }, () => 0.9e9) }))).toEqual([
    'worker 1: CPU 90 % of a core, more than 80 %',
  ]);
  const trial = websocketTrial();
  const node = trial.processes.map((process) => (process.role === 'node' ? { ...process, eventLoop: busy } : process));
  expect(verdictOf({ ...trial, processes: node }).state).toBe('trusted');
});

test('a late publisher makes a trial suspect, in milliseconds or beside what was measured', () => {
  expect(reasonsOf(withLatency('lateness', 1.5e6))).toEqual([
    expect.stringContaining('published late: p99 1.50 ms, more than 1 ms'),
  ]);
  const quick = withLatency('staleness', 1e6, withLatency('lateness', 0.1e6));
  expect(reasonsOf(quick)).toEqual([expect.stringContaining('10 % of the staleness p99, more than 5 %')]);
  expect(verdictOf(withLatency('staleness', 10e6, withLatency('lateness', 0.1e6))).state).toBe('trusted');
});

test('clocks that disagree make a trial suspect', () => {
  const trial = websocketTrial();
  const clockErrors = Array.from({ length: 23 }, (_, bin) => (bin === 10 ? 2 : 0));
  expect(reasonsOf({ ...trial, countersPerBin: { ...trial.countersPerBin, clockErrors } })).toEqual([
    'the clocks disagree: 2 of the deliveries seem older than their publication',
  ]);
});

test('of the sample, one trial is suspect', () => {
  const verdicts = sampleResult().trials.flatMap((trial) => (trial.state === 'measured' ? [verdictOf(trial)] : []));
  expect(verdicts.filter(({ state }) => state === 'suspect')).toHaveLength(1);
});
