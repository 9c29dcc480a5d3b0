import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { MeasuredTrial, Result, Trial } from '../../scenarios/result/result.ts';
import { failedTrial, pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { centreOf, type Group, mergedHistogram, messagesOf, rangeOf, upperPercentile, valuesOf } from './groups.ts';
import { buildReport } from './report.ts';

/** Two variants and the control's copy in each block. */
const PLANNED = 3;

function campaignOf(trials: readonly Trial[], blocks: number): Result {
  return sampleResult({
    campaign: {
      seed: 7,
      control: 'websocket/memory/headers=browser',
      blocks: Array.from({ length: blocks }, (_, index) => ({ number: index + 1, plannedTrials: PLANNED })),
      plannedBlocks: blocks,
      budgetNs: null,
      target: null,
      cells: [],
      endedBy: 'trials',
    },
    trials: [...trials],
  });
}

function blockOf(trial: number): MeasuredTrial[] {
  const copy = { ...websocketTrial(), trial, copy: true };
  return [{ ...pollingTrial(), trial }, { ...websocketTrial(), trial }, copy];
}

/** With a staleness of that many milliseconds in each delivery. */
function slow(trial: MeasuredTrial, ms: number): MeasuredTrial {
  const histogram = new Histogram();
  for (let sample = 0; sample < 100; sample++) histogram.record(ms * 1e6);
  return { ...trial, histograms: { ...trial.histograms, staleness: histogram.snapshot() } };
}

/** By something outside, told by the machine. */
function disturbed(trial: MeasuredTrial): MeasuredTrial {
  const { bins } = trial.window;
  const stolenTime = Array.from({ length: bins }, () => 1e8);
  return { ...trial, countersPerBin: { ...trial.countersPerBin, stolenTime } };
}

function groupsOf(result: Result): readonly Group[] {
  return buildReport(result).groups;
}

test('a variant with its trials is a group, and the copy of the control one of its own', () => {
  const groups = groupsOf(campaignOf([...blockOf(1), ...blockOf(2)], 2));
  expect(groups.map(({ label, isCopy, counting }) => [label, isCopy, counting.length])).toEqual([
    ['HTTP polling, memory', false, 2],
    ['WebSocket, memory', false, 2],
    ['WebSocket, memory · measured as another', true, 2],
  ]);
  expect(groups.map(({ classId }) => classId)).toEqual(['interval', 'prompt', 'prompt']);
  expect(new Set(groups.map(({ key }) => key)).size).toBe(3);
});

test('a block that is not whole does not count, and is there all the same', () => {
  const [polling, websocket] = blockOf(2);
  const cut = blockOf(3).map((trial) => ({ ...trial, partial: trial.copy }));
  const groups = groupsOf(
    campaignOf([...blockOf(1), ...(polling && websocket ? [polling, websocket] : []), ...cut], 3),
  );
  expect(groups.map(({ rows, counting }) => [rows.length, counting.length])).toEqual([
    [3, 1],
    [3, 1],
    [2, 1],
  ]);
});

test('a block with a failed trial is whole for the others', () => {
  const [polling, ...others] = blockOf(1);
  const failed = { ...failedTrial(polling?.variant ?? pollingTrial().variant), trial: 1 };
  const groups = groupsOf(campaignOf([failed, ...others], 1));
  expect(groups.map(({ counting }) => counting.length)).toEqual([0, 1, 1]);
  const [group] = groups;
  expect(group === undefined ? undefined : centreOf(group, 'staleness.p50')).toEqual({
    reason: 'no trial of it counts',
  });
});

test('of two attempts the less disturbed counts, whatever it measured', () => {
  const [polling, websocket, copy] = blockOf(1);
  if (polling === undefined || websocket === undefined || copy === undefined) throw new Error('a block has three');
  const again = { ...slow(websocket, 70), attempt: 2 } as const;
  const counting = (first: MeasuredTrial, second: MeasuredTrial): unknown =>
    groupsOf(campaignOf([polling, first, second, copy], 1))[1]?.counting.map(({ trial }) => trial.attempt);
  expect(counting(disturbed(websocket), again)).toEqual([2]);
  expect(counting(websocket, disturbed(again))).toEqual([1]);
  expect(counting(disturbed(websocket), disturbed(again))).toEqual([1]);
});

test('a centre is the geometric mean of the trials, between the least and the most of them', () => {
  const value = fc.integer({ min: 1, max: 900 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (levels) => {
      const blocks = levels.flatMap((ms, index) => blockOf(index + 1).map((trial) => slow(trial, ms)));
      const [, group] = groupsOf(campaignOf(blocks, levels.length));
      if (group === undefined) throw new Error('there is a group');
      const values = valuesOf(group, 'staleness.p50');
      const mean = values.reduce((product, one) => product * one ** (1 / values.length), 1);
      expect(centreOf(group, 'staleness.p50')).toBeCloseTo(mean, 0);
      expect(rangeOf(group, 'staleness.p50')).toEqual([Math.min(...values), Math.max(...values)]);
    }),
    { numRuns: 10 },
  );
});

test('percentiles of a group are those of all its deliveries together', () => {
  const blocks = [1, 2].flatMap((block) => blockOf(block).map((trial) => slow(trial, block === 1 ? 2 : 50)));
  const [, group] = groupsOf(campaignOf(blocks, 2));
  const merged = group === undefined ? undefined : mergedHistogram(group, 'staleness');
  if (!(merged instanceof Histogram)) throw new TypeError('there is a histogram');
  expect(merged.count).toBe(200);
  expect(merged.percentileNs(40)).toBeLessThan(3e6);
  expect(merged.percentileNs(60)).toBeGreaterThan(4.9e7);
});

test('the messages of all trials support a percentile', () => {
  // 400 messages a trial.
  const groups = (blocks: number): readonly Group[] =>
    groupsOf(campaignOf(Array.from({ length: blocks }, (_, index) => blockOf(index + 1)).flat(), blocks));
  expect(groups(2).map(messagesOf)).toEqual([800, 800, 800]);
  expect(upperPercentile(groups(1))).toBe(95);
  expect(upperPercentile(groups(2))).toBe(95);
  expect(upperPercentile(groups(3))).toBe(99);
});

test('of a result without a campaign every measured trial counts', () => {
  const groups = groupsOf(sampleResult());
  expect(groups.flatMap(({ counting }) => counting)).toHaveLength(4);
});
