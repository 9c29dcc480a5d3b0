import { expect, test } from 'vitest';
import type { Result } from '../../scenarios/result/result.ts';
import { buildReport } from '../report/report.ts';
import { changedResult } from '../testing/changed-result.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { callOf, wordsOf } from './comparison-words.ts';
import { compareRuns, type RunComparison } from './run-comparison.ts';
import { terminalComparison } from './terminal-comparison.ts';

const BEFORE = sampleCampaign({ variants: 2 });

function compared(...results: readonly Result[]): RunComparison {
  return compareRuns(results.map(buildReport));
}

function calls({ variants }: RunComparison): string[] {
  return [...new Set(variants.flatMap(({ changes }) => changes.map(callOf)))];
}

test('a run against itself differs in nothing, with the intervals of separate campaigns', () => {
  const comparison = compared(BEFORE, BEFORE);
  expect(calls(comparison)).toEqual(['none']);
  expect(comparison.differences).toEqual([]);
  expect(wordsOf(comparison)).toEqual({
    verdict: ['In 10 comparisons no difference was found.'],
    doubts: [
      'A and B are the same run, 2026-05-17-142301-sample.',
      'Separate runs differ by themselves: for differences below ×1.25, run both versions in one campaign.',
    ],
  });
  const [first] = comparison.variants[0]?.changes ?? [];
  expect(first).toMatchObject({ state: 'compared', estimate: { ratio: 1 } });
  expect(first?.state === 'compared' && first.estimate.high).toBeGreaterThan(1.2);
});

test('what became slower is named with its size, and what it may come from', () => {
  const after = changedResult(
    BEFORE,
    { staleness: { 'long-polling': 5 }, cpu: { 'long-polling': 1.02 } },
    {
      environment: { ...BEFORE.environment, node: 'v26.0.0', loadAverageBefore: 0.3 },
    },
  );
  const { verdict, doubts } = wordsOf(compared(BEFORE, after));
  expect(verdict).toEqual([
    expect.stringMatching(
      /^HTTP long-polling, memory was 5\.0\d times staler \([\d.]+ to [\d.]+\) at p50 in B: 1\.19 ms in A, 5\.\d\d ms in B\.$/,
    ),
    expect.stringMatching(/^HTTP long-polling, memory was 5\.0\d times staler .* at p95 in B: /),
    'In the other 8 comparisons no difference was found.',
  ]);
  expect(doubts).toEqual(['What differs may come from node: the runs are not alike in that.']);
  const { verdict: back } = wordsOf(compared(after, BEFORE));
  expect(back[0]).toMatch(
    /^HTTP long-polling, memory was (?:4\.9\d|5\.0\d) times fresher \([\d.]+ to [\d.]+\) at p50 in B/,
  );
});

test('settings, scenario and machine that are not alike stand in the table, what always varies as no cause', () => {
  const after = {
    ...BEFORE,
    id: 'other',
    seed: 8,
    workload: { ...BEFORE.workload, name: 'other', feed: { kind: 'poisson' as const, messagesPerSecond: 5 } },
    manifest: { ...BEFORE.manifest, windowNs: 7.5e9 },
    environment: { cpu: 'another one', cores: 2, lockfileSha256: 'ab'.repeat(32), loadAverageBefore: 1.5 },
  };
  const { differences, ...comparison } = compared(BEFORE, after);
  expect(differences.map(({ name, values, isCause }) => `${isCause ? '*' : ''}${name}: ${values.join(' → ')}`)).toEqual(
    [
      '*scenario: sample → other',
      '*feed: fixed, 20 messages a second → poisson, 5 messages a second',
      '*measured window: 6 s → 7.5 s',
      '*seed: 7 → 8',
      '*cpu: a made-up one → another one',
      '*redis: not known → not given',
      '*uncommitted changes: no → not given',
      '*lockfile sha256: not given → abababab',
      'load average before: not given → 1.50',
    ],
  );
  expect(wordsOf({ ...comparison, differences }).doubts[0]).toBe(
    'These are different scenarios (sample and other): their figures answer different questions.',
  );
});

test('variants that one run alone has are told, and with three runs the first is the baseline', () => {
  const without = { ...BEFORE, trials: BEFORE.trials.filter(({ variant }) => variant.transport !== 'polling') };
  const blocks = without.campaign?.blocks.map(({ number }) => ({ number, plannedTrials: 2 })) ?? [];
  const third = { ...without, campaign: without.campaign && { ...without.campaign, blocks } };
  const comparison = compared(BEFORE, changedResult(BEFORE, { seed: 3 }), third);
  expect(comparison.runs.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
  expect(comparison.unmatched).toEqual([{ label: 'HTTP polling, memory', runs: ['A', 'B'] }]);
  expect(wordsOf(comparison).doubts).toContain('HTTP polling, memory was measured in A and B alone.');
  const perVariant = comparison.variants.map(({ key, changes }) => [key, changes.map(({ run }) => run.name).join('')]);
  expect(perVariant).toEqual([
    ['polling/memory native', 'BBBBB'],
    ['long-polling/memory native', 'BBBBBCCCCC'],
  ]);
});

test('of single trials bytes alone are compared, and the terminal says so', () => {
  const single = sampleResult({ partial: false, trials: [websocketTrial()] });
  const heavier = { ...single, id: 'heavier', trials: [withBytes(1.5)] };
  const text = terminalComparison(compared(single, heavier));
  expect(text).toContain(
    'WebSocket, memory took 1.50 times the wire bytes per message (1.50 to 1.50) in B: 436 B in A, 654 B in B.\n4 comparisons could not be made.',
  );
  expect(text).toMatch(/ {4}server CPU per message\s+not compared: one trial each: only bytes can be compared\n/);
});

function withBytes(factor: number): ReturnType<typeof websocketTrial> {
  const trial = websocketTrial();
  const { wireBytesDown = [], wireBytesUp = [] } = trial.countersPerBin;
  const times = (bins: readonly number[]): number[] => bins.map((bytes) => bytes * factor);
  const counters = { wireBytesDown: times(wireBytesDown), wireBytesUp: times(wireBytesUp) };
  return { ...trial, countersPerBin: { ...trial.countersPerBin, ...counters } };
}

test('results that have no variant in common say so', () => {
  const one = sampleResult({ partial: false, trials: [websocketTrial()] });
  const variant = { ...websocketTrial().variant, backplane: 'redis' };
  const other = sampleResult({ partial: false, trials: [{ ...websocketTrial(), variant }] });
  expect(wordsOf(compared(one, other)).verdict).toEqual([
    'Nothing can be compared: no variant was measured in the first run and in another.',
  ]);
  expect(terminalComparison(compared(one, other))).toContain('WebSocket, memory was measured in A alone.');
});

test("a server of somebody's own is held against the one variant of the transport that is nearest to it", () => {
  const ours = sampleResult({ trials: [websocketTrial()] });
  const { websocket } = ours.transports;
  if (websocket === undefined) throw new Error('the sample has a WebSocket');
  const chat = { ...websocket, label: 'my chat', outside: true, nearest: 'websocket' } as const;
  const trial = websocketTrial();
  const theirs = sampleResult({
    id: '2026-05-18-142301-sample',
    transports: { 'my-chat': chat },
    trials: [
      { ...trial, generator: 'adapter', variant: { transport: 'my-chat', backplane: 'own server', values: {} } },
    ],
  });
  for (const comparison of [compared(ours, theirs), compared(theirs, ours)]) {
    expect(comparison.variants).toHaveLength(1);
    expect(comparison.unmatched).toEqual([]);
    expect(comparison.differences.find(({ name }) => name === 'servers')?.values.toSorted()).toEqual([
      "feedbench's own",
      'my chat, not of this run',
    ]);
  }
  // Which of several it is to be held against nobody can say.
  const redis = { ...trial, variant: { ...trial.variant, backplane: 'redis' } };
  expect(compared(sampleResult({ trials: [trial, redis] }), theirs).variants).toEqual([]);
});
