import { expect, test } from 'vitest';
import { wholeBlocks } from '../../scenarios/result/blocks.ts';
import { parseResult } from '../../scenarios/result/result.ts';
import { centreOf, rangeOf } from '../report/groups.ts';
import { buildReport } from '../report/report.ts';
import { sampleCampaign } from './sample-campaign.ts';

test('it is a result as feedbench writes one, and the same every time', () => {
  const sample = sampleCampaign({ isHalfDone: true, hasFailed: true });
  expect(parseResult(structuredClone(sample))).toEqual(sample);
  expect(sampleCampaign({ isHalfDone: true, hasFailed: true })).toEqual(sample);
});

test('every variant and the copy are measured once a block, in another order each time', () => {
  const { trials } = sampleCampaign({ isRepeated: false });
  const orders = [1, 2, 3].map((block) =>
    trials
      .filter(({ trial }) => trial === block)
      .map(({ variant, copy }) => `${variant.transport}${copy ? ' copy' : ''}`),
  );
  for (const order of orders) expect(new Set(order).size).toBe(6);
  expect(new Set(orders.map(String)).size).toBe(3);
});

test('a block that somebody stopped is not whole, and no group counts its trials', () => {
  const result = sampleCampaign({ isHalfDone: true });
  expect([...wholeBlocks(result)]).toEqual([1, 2, 3]);
  for (const group of buildReport(result).groups) expect(group.counting).toHaveLength(3);
});

test('of what was measured again, the attempt that nothing disturbed counts', () => {
  const group = buildReport(sampleCampaign()).groups.find(({ rows }) => rows.length === 4);
  expect(group?.counting.map(({ trial }) => [trial.trial, trial.attempt])).toEqual([
    [1, 2],
    [2, 1],
    [3, 1],
  ]);
});

test('a failed trial is one of its group, which goes on with the others', () => {
  const { groups } = buildReport(sampleCampaign({ hasFailed: true }));
  const group = groups.find(({ rows }) => rows.some(({ state }) => state === 'failed'));
  expect(group?.rows).toHaveLength(3);
  expect(group?.counting).toHaveLength(2);
});

test('figures scatter between trials, and there are as many variants as were asked for', () => {
  const { groups } = buildReport(sampleCampaign({ trials: 5, variants: 12 }));
  expect(groups).toHaveLength(13);
  expect(new Set(groups.map(({ label }) => label)).size).toBe(13);
  for (const group of groups) {
    const [low = 0, high = 0] = rangeOf(group, 'cpu.server') ?? [];
    expect(high).toBeGreaterThan(low * 1.05);
    expect(centreOf(group, 'cpu.server')).toBeGreaterThan(low);
  }
});
