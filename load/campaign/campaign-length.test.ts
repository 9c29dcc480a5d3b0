import { expect, test } from 'vitest';
import { loadWorkload, type Workload } from '../../scenarios/feed/workload.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { blockEstimateNs, campaignEstimateNs, campaignTrials, plannedBlocks } from './campaign-length.ts';
import type { CampaignPlan, Course } from './campaign-plan.ts';

const SECOND_NS = 1e9;

function planOf(course: Partial<Course>, change: Partial<Workload> = {}): CampaignPlan {
  const workload = { ...loadWorkload('ticker'), ...change };
  const spec = (backplane: 'memory' | 'redis', clients = workload.clients): TrialSpec => ({
    variant: { transport: 'websocket', backplane, values: { nodes: backplane === 'redis' ? 3 : 1 } },
    generator: 'native',
    clients,
    trial: 1,
    copy: false,
    attempt: 1,
    workload,
    seed: 1,
    warmUpNs: 3 * SECOND_NS,
    windowNs: 6 * SECOND_NS,
  });
  return {
    workload,
    seed: 1,
    cells: [spec('memory'), spec('redis')],
    light: [spec('memory', 2)],
    course: { blocks: 3, budgetNs: undefined, target: undefined, ...course },
  };
}

test('the estimate counts every trial, what is measured once only once', () => {
  const three = campaignEstimateNs(planOf({}));
  const four = campaignEstimateNs(planOf({ blocks: 4 }));
  expect(four - three).toBe(blockEstimateNs(planOf({})));
  expect(three - 3 * (four - three)).toBeGreaterThan(9 * SECOND_NS);
  expect(campaignTrials(planOf({}))).toBe(7);
});

test('the estimate includes the time to connect all clients, and to make the feed', () => {
  const few = campaignEstimateNs(planOf({ blocks: 1 }, { clients: 100 }));
  const many = campaignEstimateNs(planOf({ blocks: 1 }, { clients: 50_000 }));
  expect(many - few).toBeGreaterThan(2 * 5 * SECOND_NS);
  // 180 messages of a megabyte.
  const large = campaignEstimateNs(planOf({}, { payload: { kind: 'stock-prices', bytes: 1_000_000 } }));
  expect(large - campaignEstimateNs(planOf({}))).toBeGreaterThan(2 * SECOND_NS);
});

test('a budget has room for so many whole blocks and no more', () => {
  const blockNs = blockEstimateNs(planOf({}));
  const onceNs = campaignEstimateNs(planOf({})) - 3 * blockNs;
  const room = (budgetNs: number): number => plannedBlocks(planOf({ blocks: undefined, budgetNs }));
  expect(room(onceNs + 5 * blockNs)).toBe(5);
  expect(room(onceNs + 5 * blockNs - 1)).toBe(4);
  expect(room(1)).toBe(0);
  expect(plannedBlocks(planOf({ blocks: 4, budgetNs: onceNs + 9 * blockNs }))).toBe(4);
});
