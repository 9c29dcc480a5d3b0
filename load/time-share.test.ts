import { expect, test } from 'vitest';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import type { TransportId } from '../servers/registry.ts';
import { campaignEstimateNs, plannedBlocks } from './campaign/campaign-length.ts';
import { planScenario, type ScenarioPlan } from './plan.ts';
import { inBlocks, shareTime } from './time-share.ts';

function planOf(...transports: readonly TransportId[]): ScenarioPlan {
  return planScenario(loadWorkload('ticker'), {
    transports,
    backplanes: ['memory'],
    generators: ['native'],
    asked: {},
    clients: undefined,
    durationNs: 6e9,
    warmUpNs: 3e9,
    seed: 1,
    course: { blocks: 1, budgetNs: undefined, target: undefined },
  });
}

const two = planOf('polling', 'websocket');
const three = planOf('polling', 'sse', 'websocket');

function lengthNs(...parts: readonly (readonly [plan: ScenarioPlan, blocks: number])[]): number {
  return parts.reduce((sum, [plan, blocks]) => sum + campaignEstimateNs(inBlocks(plan, blocks)), 0);
}

function blocksIn(timeNs: number, ...plans: readonly ScenarioPlan[]): number[] {
  return shareTime(plans, { timeNs, mostBlocks: 3 }).map(plannedBlocks);
}

test('each scenario is measured once, also where there is no time for it, and three times at most', () => {
  expect(blocksIn(1, two, three)).toEqual([1, 1]);
  expect(blocksIn(3600e9, two, three)).toEqual([3, 3]);
});

test('what is left goes to the scenario with the most transports first', () => {
  const once = lengthNs([two, 1], [three, 1]);
  expect(blocksIn(once, two, three)).toEqual([1, 1]);
  expect(blocksIn(lengthNs([two, 1], [three, 2]), two, three)).toEqual([1, 2]);
  expect(blocksIn(lengthNs([two, 1], [three, 3]), two, three)).toEqual([1, 3]);
  expect(blocksIn(lengthNs([two, 2], [three, 3]), two, three)).toEqual([2, 3]);
});

test('where there is no room for another block of one, the next has it', () => {
  expect(blocksIn(lengthNs([two, 2], [three, 1]), two, three)).toEqual([2, 1]);
});

test('several blocks have a control, and a single one has none', () => {
  const [once] = shareTime([three], { timeNs: 1, mostBlocks: 3 });
  const [often] = shareTime([three], { timeNs: 3600e9, mostBlocks: 2 });
  expect(once?.cells.map(({ copy }) => copy)).toEqual([false, false, false]);
  expect(often?.cells.filter(({ copy }) => copy)).toHaveLength(1);
  expect(inBlocks(inBlocks(three, 3), 1)).toEqual(inBlocks(three, 1));
});
