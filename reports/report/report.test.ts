import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { answerOf } from './answer/answer.ts';
import { auditVerdict } from './audit-words.ts';
import { buildReport } from './report.ts';
import { hasFaults, isSuspect, settingLook } from './rows.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';

test('rows are ordered by transport and nodes, whatever order trials ran in', () => {
  expect(buildReport(sampleResult()).rows.map(({ label }) => label)).toEqual([
    'HTTP polling, memory',
    'HTTP polling, redis × 3',
    'HTTP long-polling, memory',
    'WebSocket, memory',
    'WebSocket, redis × 3',
  ]);
});

test('a transport keeps its colour though others have no trial; where it ran has a look of its own', () => {
  const looks = buildReport(sampleResult()).rows.map(({ look }) => [look.transportIndex, look.settingIndex]);
  expect(looks).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 0],
    [2, 1],
  ]);
  const alone = buildReport(sampleResult({ trials: [websocketTrial()] }));
  expect(alone.rows[0]?.look.transportIndex).toBe(2);
});

test('labels name whatever else tells trials apart', () => {
  const generators = {
    native: { label: 'native', resolutionNs: 1 },
    k6: { label: 'k6', resolutionNs: 1e6 },
  };
  const byK6: MeasuredTrial = { ...websocketTrial(), generator: 'k6' };
  const two = buildReport(sampleResult({ generators, trials: [websocketTrial(), byK6] })).rows;
  expect(two.map(({ label }) => label)).toEqual(['WebSocket, memory · native', 'WebSocket, memory · k6']);
  expect(new Set(two.map(({ look }) => look.settingIndex)).size).toBe(2);
  const again: MeasuredTrial = { ...pollingTrial(), trial: 2, clients: 500 };
  const rows = buildReport(sampleResult({ trials: [pollingTrial(), again] })).rows;
  expect(rows.map(({ label }) => label)).toEqual([
    'HTTP polling, memory · 50 clients · trial 1',
    'HTTP polling, memory · 500 clients · trial 2',
  ]);
});

test('ten settings look different', () => {
  const looks = Array.from({ length: 10 }, (_, index) => JSON.stringify(settingLook(index)));
  expect(new Set(looks).size).toBe(10);
});

test('each value of a dimension has a row, a label and a look of its own', () => {
  const trials = [2e9, 1e9, 500e6].flatMap((pollIntervalNs) =>
    (['browser', 'minimal'] as const).map((headers): MeasuredTrial => {
      const trial = pollingTrial();
      const values = { ...trial.variant.values, headers, pollIntervalNs };
      return { ...trial, variant: { ...trial.variant, values } };
    }),
  );
  const { rows } = buildReport(sampleResult({ trials }));
  expect(rows.map(({ label }) => label)).toEqual([
    'HTTP polling, memory, polls every 500 ms',
    'HTTP polling, memory, polls every 1 s',
    'HTTP polling, memory',
    'HTTP polling, memory, minimal headers, polls every 500 ms',
    'HTTP polling, memory, minimal headers, polls every 1 s',
    'HTTP polling, memory, minimal headers',
  ]);
  const looks = rows.map(({ look }) => JSON.stringify(settingLook(look.settingIndex)));
  expect(new Set(looks).size).toBe(looks.length);
  const staleness = rows.map((row) => (row.state === 'measured' ? row.predictions[0]?.predicted.low : undefined));
  expect(staleness).toEqual([0.25e9, 0.5e9, 1e9, 0.25e9, 0.5e9, 1e9].map((ns) => ns + 50_000));
});

test('a trial with fewer clients is not compared, but its faults are told and it counts', () => {
  const light: MeasuredTrial = { ...websocketTrial(), clients: 2 };
  const lossy: MeasuredTrial = { ...light, audit: { ...light.audit, lost: 4 } };
  const report = buildReport(sampleResult({ partial: true, plannedTrials: 2, trials: [websocketTrial(), lossy] }));
  expect(report.rows.map(({ label }) => label)).toEqual(['WebSocket, memory']);
  expect(report.measured).toHaveLength(1);
  const told = answerOf(report).doubts.map(({ text }) => text);
  expect(told[0]).toMatch(/2 clients failed its audit: .*4 lost/);
  expect(told.join(' ')).not.toMatch(/did not start/);
  expect(auditVerdict(report.all)).toBe('failed in 1 trial');
});

test('the audit of a run in a word', () => {
  expect(auditVerdict(buildReport(sampleResult()).rows)).toBe('failed in 1 trial');
  expect(auditVerdict(buildReport(sampleResult({ trials: [websocketTrial()] })).rows)).toBe('ok');
  expect(auditVerdict([])).toBe('nothing measured');
});

test('a row is suspect or has faults exactly where its trial is and has', () => {
  const reports = sampleResult().trials.map((trial) => buildReport(sampleResult({ trials: [trial] })));
  const told = reports.flatMap(({ measured }) =>
    measured.map((row) => [row.variantLabel, isSuspect(row), hasFaults(row)]),
  );
  expect(told).toEqual([
    ['WebSocket, redis × 3', true, false],
    ['HTTP polling, memory', false, false],
    ['WebSocket, memory', false, false],
    ['HTTP long-polling, memory', false, true],
  ]);
  const one = { ...websocketTrial(), audit: { ...websocketTrial().audit, foreign: 1 } };
  expect(buildReport(sampleResult({ trials: [one] })).measured.map(hasFaults)).toEqual([true]);
});

test('variants of one transport stand by their nodes, then by their values, then by who measured them', () => {
  const generators = { native: { label: 'native', resolutionNs: 1 }, k6: { label: 'k6', resolutionNs: 1e6 } };
  const polled = (pollIntervalNs: number, generator: string): MeasuredTrial => {
    const trial = pollingTrial();
    return { ...trial, generator, variant: { ...trial.variant, values: { ...trial.variant.values, pollIntervalNs } } };
  };
  const trials = [polled(5e9, 'k6'), polled(1e9, 'native'), polled(5e9, 'native'), polled(1e9, 'k6')];
  for (const order of [trials, trials.toReversed()]) {
    const rows = buildReport(sampleResult({ generators, trials: order })).rows.map(({ trial }) => [
      trial.variant.values['pollIntervalNs'],
      trial.generator,
    ]);
    expect(rows).toEqual([
      [1e9, 'native'],
      [1e9, 'k6'],
      [5e9, 'native'],
      [5e9, 'k6'],
    ]);
  }
});

test('a row has its name in short lines too, and a transport that nobody knows goes by its id, last', () => {
  const unknown = { ...pollingTrial(), variant: { ...pollingTrial().variant, transport: 'pigeon' } };
  const rows = buildReport(sampleResult({ trials: [unknown, websocketTrial()] })).rows;
  expect(rows.map(({ lines }) => lines)).toEqual([
    ['WebSocket', 'memory'],
    ['pigeon', 'memory'],
  ]);
  expect(rows.map(({ look }) => look.transportIndex)).toEqual([2, 3]);
});

test('trials that differ in nothing but their number stand in its order', () => {
  const again = (trial: number): MeasuredTrial => ({ ...websocketTrial(), trial });
  const rows = buildReport(sampleResult({ trials: [again(3), again(1), again(2)] })).rows;
  expect(rows.map(({ label }) => label)).toEqual([1, 2, 3].map((trial) => `WebSocket, memory · trial ${trial}`));
});
