import { expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { MeasuredTrial, Result, Trial } from '../../scenarios/result/result.ts';
import { failedTrial, longPollingTrial, pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import type { Group } from './groups.ts';
import {
  controlOf,
  controlPair,
  headlineMetrics,
  type Ratio,
  rankingOf,
  ratioBetween,
  unlikeSiblings,
} from './ratios.ts';
import { buildReport, type Report } from './report.ts';

/** p50 in ms, of three blocks. */
const P50 = {
  polling: [501.5, 500.4, 502.0],
  'long-polling': [3.07, 2.49, 2.24],
  websocket: [1.36, 1.66, 1.27],
  copy: [1.58, 1.67, 1.42],
};

const TRIALS: Readonly<Record<keyof typeof P50, () => MeasuredTrial>> = {
  polling: pollingTrial,
  'long-polling': longPollingTrial,
  websocket: websocketTrial,
  copy: () => ({ ...websocketTrial(), copy: true }),
};

type Change = (trial: MeasuredTrial, name: string, block: number) => Trial;

function campaignOf(p50: Readonly<Record<string, readonly number[]>>, change: Change = (trial) => trial): Result {
  const blocks = Math.max(...Object.values(p50).map(({ length }) => length));
  const trials = Object.entries(p50).flatMap(([name, perBlock]) =>
    perBlock.map((ms, index) => {
      const trial = { ...(TRIALS[name as keyof typeof P50]?.() ?? websocketTrial()), trial: index + 1 };
      return change(slow(trial, ms), name, index + 1);
    }),
  );
  const plannedTrials = Object.keys(p50).length;
  return sampleResult({
    partial: false,
    campaign: {
      seed: 7,
      control: 'websocket/memory/headers=browser',
      plannedBlocks: blocks,
      blocks: Array.from({ length: blocks }, (_, index) => ({ number: index + 1, plannedTrials })),
      budgetNs: null,
      target: null,
      cells: [],
      endedBy: 'trials',
    },
    trials,
  });
}

/** With a staleness of that many milliseconds in each delivery. */
function slow(trial: MeasuredTrial, ms: number): MeasuredTrial {
  const histogram = new Histogram();
  for (let sample = 0; sample < 100; sample++) histogram.record(Math.round(ms * 1e6));
  const snapshot = histogram.snapshot();
  return { ...trial, histograms: { ...trial.histograms, staleness: snapshot, delivery: snapshot } };
}

function groupOf({ groups }: Report, transport: string, isCopy = false): Group {
  const group = groups.find(
    (candidate) => candidate.rows[0]?.trial.variant.transport === transport && candidate.isCopy === isCopy,
  );
  if (group === undefined) throw new Error(`no group of ${transport}`);
  return group;
}

function between(report: Report, of: string, to: string): Extract<Ratio, { state: 'estimated' }> {
  const ratio = ratioBetween(report, 'staleness.p50', { of: groupOf(report, of), to: groupOf(report, to) });
  if (ratio.state === 'unranked') throw new Error(ratio.reason);
  return ratio;
}

test('the figures of a report come to the ratios of the rules, as closely as histograms have digits', () => {
  const report = buildReport(campaignOf(P50));
  const pair = controlPair(report);
  if (pair === undefined) throw new Error('no control');
  const copy = ratioBetween(report, 'staleness.p50', pair);
  expect(copy).toMatchObject({ state: 'estimated', trials: 3, degrees: 4, differs: false, from: 'campaign' });
  expect(between(report, 'long-polling', 'websocket').ratio / 1.8143).toBeCloseTo(1, 2);
  expect(between(report, 'long-polling', 'websocket').high / 2.3468).toBeCloseTo(1, 2);
  const cross = between(report, 'polling', 'websocket');
  expect(cross.ratio / 352.87).toBeCloseTo(1, 2);
  expect(cross.degrees).toBeCloseTo(6.002, 2);
});

test('who has the least, with every other one told from it', () => {
  const ranking = rankingOf(buildReport(campaignOf(P50)), 'staleness.p50');
  if (ranking.state === 'unranked') throw new Error(ranking.reason);
  expect(ranking.winner?.label).toBe('WebSocket, memory');
  expect(ranking.tied).toEqual([]);
  expect(ranking.toBest.size).toBe(2);
  const close = rankingOf(buildReport(campaignOf({ ...P50, 'long-polling': [1.4, 1.5, 1.45] })), 'staleness.p50');
  if (close.state === 'unranked') throw new Error(close.reason);
  expect(close.winner).toBeUndefined();
  expect(close.best.label).toBe('WebSocket, memory');
  expect(close.tied.map(({ label }) => label)).toEqual(['HTTP long-polling, memory']);
});

test('equal ones: the best seen is no winner, and the others share its place', () => {
  const equal = {
    polling: [1, 1.1, 1.2],
    'long-polling': [1.1, 1, 1.25],
    websocket: [1.2, 1.15, 1],
    copy: [1.1, 1.2, 1],
  };
  const ranking = rankingOf(buildReport(campaignOf(equal)), 'staleness.p50');
  if (ranking.state === 'unranked') throw new Error(ranking.reason);
  expect(ranking.winner).toBeUndefined();
  expect(ranking.tied).toHaveLength(2);
});

test('one trial each: bytes are ranked, the rest by the history of this machine, or where it differs tenfold', () => {
  const single = { ...campaignOf({ polling: [501.5], 'long-polling': [3.07], websocket: [1.36] }), campaign: null };
  const report = buildReport(single);
  // Of 369 times nobody asks what chance does, of 2.3 times nobody knows.
  expect(between(report, 'polling', 'websocket')).toMatchObject({ from: 'assumption', differs: true });
  expect(between(report, 'long-polling', 'websocket')).toMatchObject({ from: 'assumption', differs: false });
  expect(between(report, 'long-polling', 'websocket').smallest).toBeGreaterThan(10);
  expect(rankingOf(report, 'bytes.wire')).toMatchObject({ state: 'ranked', winner: { transport: 'HTTP polling' } });
  const entry = {
    metric: 'staleness.p50',
    windowNs: 20e9,
    sd: 0.11,
    degrees: 20,
    betweenSessionsSd: null,
    measuredAt: '2026-05-01T00:00:00.000Z',
  };
  const noise: Result['noise'] = [
    { ...entry, classId: 'prompt' },
    { ...entry, classId: 'interval', sd: 0.0024 },
  ];
  const known = between(buildReport({ ...single, noise }), 'long-polling', 'websocket');
  expect(known).toMatchObject({ from: 'history', degrees: 20, differs: true });
  expect(known.high / 3.1227).toBeCloseTo(1, 2);
  // Chance is no larger in longer windows, and may be in shorter ones.
  const basisAt = (windowNs: number): unknown => {
    const other = buildReport({ ...single, noise: noise.map((one) => ({ ...one, windowNs })) });
    return between(other, 'long-polling', 'websocket').from;
  };
  expect([6e9, 30e9].map(basisAt)).toEqual(['history', 'assumption']);
});

test.each<[what: string, change: Change, reason: RegExp]>([
  ['has none', (trial) => ({ ...trial, sources: { staleness: { kind: 'n/a', reason: 'no clock' } } }), /no clock/],
  ['is 0', (trial) => slow(trial, 0), /is 0 in a trial/],
  ['was of another feed', (trial) => ({ ...trial, scheduleHash: 'cd'.repeat(32) }), /did not serve the planned feed/],
  [
    'was of another window',
    (trial) => ({ ...trial, window: { ...trial.window, firstBin: 9 } }),
    /14.0 s instead of 20.0 s/,
  ],
  ['never came', ({ variant, trial }) => ({ ...failedTrial(variant), trial }), /no trial of it counts/],
])('a variant whose figure %s is not ranked, and says why; the others are', (_what, change, reason) => {
  const result = campaignOf(P50, (trial, name, block) =>
    name === 'long-polling' ? change(trial, name, block) : trial,
  );
  const report = buildReport(result);
  const ranking = rankingOf(report, 'staleness.p50');
  if (ranking.state === 'unranked') throw new Error(ranking.reason);
  expect(ranking.winner?.transport).toBe('WebSocket');
  const unranked = ranking.toBest.get(groupOf(report, 'long-polling').key);
  expect(unranked).toMatchObject({ state: 'unranked' });
  expect(unranked).toHaveProperty('reason', expect.stringMatching(reason));
});

test('a percentile that too few messages support ranks nothing', () => {
  const few = campaignOf(P50, (trial) => ({ ...trial, dueInWindow: 100 }));
  const ranking = rankingOf(buildReport(few), 'staleness.p99');
  expect(ranking.state === 'unranked' && ranking.reason).toMatch(/300 messages support percentiles up to/);
  expect(headlineMetrics(buildReport(few))[1]).toBe('staleness.p95');
});

test('the control is red where one thing measured as two differs', () => {
  const honest = controlOf(buildReport(campaignOf(P50)));
  expect(honest.map(({ metric }) => metric)).toEqual([
    'staleness.p50',
    'staleness.p99',
    'bytes.wire',
    'cpu.server',
    'memory.server',
  ]);
  expect(honest.filter(({ isRed }) => isRed)).toEqual([]);
  const broken = controlOf(buildReport(campaignOf({ ...P50, copy: [4.1, 4.8, 3.9] })));
  expect(broken.filter(({ isRed }) => isRed).map(({ metric }) => metric)).toContain('staleness.p50');
  expect(controlOf(buildReport(sampleResult()))).toEqual([]);
});

/** By something outside, told by the machine. */
function stolen(trial: MeasuredTrial): MeasuredTrial {
  const stolenTime = Array.from({ length: trial.window.bins }, () => 1e8);
  return { ...trial, countersPerBin: { ...trial.countersPerBin, stolenTime } };
}

test('a call that is another one without the suspect trials says how many it depends on', () => {
  const lucky: Change = (trial, name, block) => (name === 'long-polling' && block > 1 ? stolen(trial) : trial);
  expect(between(buildReport(campaignOf(P50, lucky)), 'polling', 'long-polling').dependsOnSuspects).toBe(2);
  const one: Change = (trial, name, block) => (name === 'polling' && block === 1 ? stolen(trial) : trial);
  const report = buildReport(campaignOf(P50, one));
  expect(between(report, 'polling', 'websocket').dependsOnSuspects).toBe(0);
  expect(between(report, 'long-polling', 'websocket').dependsOnSuspects).toBe(0);
});

test('a trial unlike its siblings is named', () => {
  const report = buildReport(campaignOf({ ...P50, copy: [1.5, 9, 1.4] }));
  const [found, ...others] = unlikeSiblings(report, groupOf(report, 'websocket', true), 'staleness.p50');
  expect(found?.row.trial.trial).toBe(2);
  expect(found?.factor).toBeCloseTo(6.2, 1);
  expect(others).toEqual([]);
  expect(unlikeSiblings(report, groupOf(report, 'websocket'), 'staleness.p50')).toEqual([]);
});

test('what another generator saw is in no ranking', () => {
  const byNative = campaignOf(P50);
  const byK6 = byNative.trials.map((trial) => ({ ...trial, generator: 'k6' }));
  const generators = { native: { label: 'native', resolutionNs: 1 }, k6: { label: 'k6', resolutionNs: 1e6 } };
  const blocks = (byNative.campaign?.blocks ?? []).map((block) => ({ ...block, plannedTrials: 8 }));
  const campaign = byNative.campaign === null ? null : { ...byNative.campaign, blocks };
  const trials = [...byNative.trials, ...byK6];
  const ranking = rankingOf(buildReport({ ...byNative, generators, campaign, trials }), 'staleness.p50');
  if (ranking.state === 'unranked') throw new Error(ranking.reason);
  expect(ranking.best.rows[0]?.trial.generator).toBe('native');
  expect(ranking.toBest.size).toBe(2);
});
