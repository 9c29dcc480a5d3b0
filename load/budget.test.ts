import { expect, test } from 'vitest';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import { variantKey } from '../scenarios/variant.ts';
import { type PlanChoices, planScenario, type ScenarioPlan } from './plan.ts';
import { fitBudget, shareBudget } from './budget.ts';
import { blockEstimateNs, campaignEstimateNs, plannedBlocks } from './campaign/campaign-length.ts';

const MINUTE_NS = 60e9;
const ticker = loadWorkload('ticker');

function planOf(change: Partial<PlanChoices> = {}): ScenarioPlan {
  return planScenario(ticker, {
    transports: ['polling', 'websocket'],
    backplanes: ['memory', 'redis'],
    generators: ['native'],
    asked: {},
    clients: undefined,
    durationNs: 6e9,
    warmUpNs: 3e9,
    seed: 1,
    course: { blocks: undefined, budgetNs: 5 * MINUTE_NS, target: undefined },
    ...change,
  });
}

function keysOf({ cells }: ScenarioPlan): string[] {
  return cells.map(({ variant, generator, copy }) =>
    [variantKey(variant, ticker), generator, ...(copy ? ['copy'] : [])].join(' '),
  );
}

function onlyOf(plans: readonly ScenarioPlan[]): ScenarioPlan {
  const [plan] = plans;
  if (plan === undefined) throw new TypeError('no plan');
  return plan;
}

test('a budget with room for three blocks leaves nothing out', () => {
  const plan = planOf();
  const fitting = onlyOf(fitBudget([plan], 5 * MINUTE_NS));
  expect(keysOf(fitting)).toEqual(keysOf(plan));
  expect(plannedBlocks(fitting)).toBeGreaterThanOrEqual(3);
  expect(campaignEstimateNs(fitting)).toBeLessThanOrEqual(5 * MINUTE_NS);
});

test('rather fewer variants than blocks: backplanes beyond the first go first, then values beyond the usual, then generators', () => {
  const plan = planOf({ asked: { frames: ['text', 'binary'] }, generators: ['native', 'library'] });
  const ofTextAndMemory = plan.cells.filter(
    ({ variant }) => variant.backplane === 'memory' && variant.values.frames !== 'binary',
  );
  const threeBlocks = (cells: ScenarioPlan['cells'], light = plan.light): number =>
    campaignEstimateNs({ ...plan, cells, light, course: { blocks: 3, budgetNs: undefined, target: undefined } });
  const ofMemory = plan.cells.filter(({ variant }) => variant.backplane === 'memory');

  const memory = onlyOf(fitBudget([plan], threeBlocks(ofMemory)));
  expect(keysOf(memory).filter((key) => key.includes('redis'))).toEqual([]);
  expect(memory.cells).toHaveLength(ofMemory.length);
  expect(memory.left.at(-1)).toMatch(
    /^--backplane redis \(6 of the variants\): .* ask for it alone, or for --budget \d+s$/,
  );

  const text = onlyOf(fitBudget([plan], threeBlocks(ofTextAndMemory)));
  expect(text.cells).toHaveLength(ofTextAndMemory.length);
  expect(text.left.at(-1)).toMatch(/^--frames binary \(2 of the variants\)/);

  const native = onlyOf(fitBudget([plan], threeBlocks(ofTextAndMemory) - 1));
  expect(keysOf(native)).toEqual(['polling/memory native', 'websocket/memory native', 'websocket/memory native copy']);
  expect(native.light).toEqual([]);
  expect(native.left.at(-1)).toMatch(/^--generator library/);
});

test('what was asked for instead of what is usual is not left out', () => {
  const plan = planOf({ backplanes: ['memory'], asked: { headers: ['minimal'], pollIntervalNs: [1e9, 2e9] } });
  const needed = 3 * blockEstimateNs(plan);
  const fitting = onlyOf(fitBudget([plan], needed - 1e9));
  expect(keysOf(fitting)).toEqual([
    'polling/memory/headers=minimal/poll=1s native',
    'websocket/memory/headers=minimal native',
    'websocket/memory/headers=minimal native copy',
  ]);
});

test('all scenarios have the same number of blocks, and together no more than the budget', () => {
  const plans = [planOf(), planOf({ durationNs: 12e9, transports: ['websocket'], backplanes: ['memory'] })];
  const fitting = fitBudget(plans, 10 * MINUTE_NS);
  expect(new Set(fitting.map(plannedBlocks)).size).toBe(1);
  expect(fitting.reduce((sum, { course }) => sum + (course.budgetNs ?? 0), 0)).toBeCloseTo(10 * MINUTE_NS, -3);
  const rest = shareBudget(fitting.slice(1), 7 * MINUTE_NS);
  expect(rest[0]?.course.budgetNs).toBeCloseTo(7 * MINUTE_NS, -3);
});

test('a budget without room for two blocks of the transports is refused, with what it would take', () => {
  expect(() => fitBudget([planOf()], 30e9)).toThrow(
    /^--budget 30s is too short: 2 blocks of 3 trials, .* each, take (\d+)s; choose a longer --budget/,
  );
  const [, seconds] = /take (\d+)s/.exec(messageOf(() => fitBudget([planOf()], 30e9))) ?? [];
  const fitting = onlyOf(fitBudget([planOf()], Number(seconds) * 1e9));
  expect(plannedBlocks(fitting)).toBe(2);
});

function messageOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return String(error);
  }
}
