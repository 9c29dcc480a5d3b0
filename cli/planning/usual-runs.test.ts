import { describe, expect, test } from 'vitest';
import { loadWorkload, workloadNames } from '../../scenarios/feed/workload.ts';
import { DEFAULT_BACKPLANE_IDS } from '../../servers/backplanes.ts';
import { TRANSPORT_IDS } from '../../servers/registry.ts';
import { campaignEstimateNs, plannedBlocks } from '../../load/campaign/campaign-length.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { planLines } from './plan-text.ts';
import { planRun, type RunChoices } from './run-plans.ts';

const choices: RunChoices = {
  scenarios: [],
  transports: undefined,
  backplanes: undefined,
  generators: ['native'],
  asked: {},
  clients: undefined,
  durationNs: undefined,
  warmUpNs: 3e9,
  seed: 1,
  course: undefined,
  everything: false,
  out: 'nowhere',
};

async function plansOf(change: Partial<RunChoices> = {}): Promise<ScenarioPlan[]> {
  return planRun({ ...choices, ...change }, { redisUrl: 'redis://127.0.0.1:1', isTried: false });
}

function lengthS(plans: readonly ScenarioPlan[]): number {
  return plans.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0) / 1e9;
}

describe('a run that names no scenario', async () => {
  const plans = await plansOf();
  const variants = plans.flatMap(({ cells }) => cells.map(({ variant }) => variant));

  test('measures every scenario, every transport and every backplane', () => {
    expect(plans.map(({ workload }) => workload.name).toSorted()).toEqual(workloadNames());
    expect(new Set(variants.map(({ transport }) => transport))).toEqual(new Set(TRANSPORT_IDS));
    expect(new Set(variants.map(({ backplane }) => backplane))).toEqual(new Set(DEFAULT_BACKPLANE_IDS));
  });

  test('takes 9 min 10 s, so that with what it installs it has ended after 10', () => {
    expect(lengthS(plans)).toBeLessThan(550);
  });

  test('begins with all transports in blocks, by which single trials of the others are judged', () => {
    const [first, ...others] = plans;
    expect(first?.workload.name).toBe('ticker');
    expect(new Set(first?.cells.map(({ variant }) => variant.transport))).toEqual(new Set(TRANSPORT_IDS));
    expect(first === undefined ? 0 : plannedBlocks(first)).toBe(3);
    // In longer windows chance is no larger.
    for (const { workload } of others)
      expect(workload.durationNs).toBeGreaterThanOrEqual(first?.workload.durationNs ?? 0);
  });

  test('compares something in every scenario, and says what it leaves out, and how long that takes', () => {
    for (const plan of plans) {
      expect(plan.cells.length).toBeGreaterThan(1);
      expect(planLines([plan]).join('\n')).toMatch(/left out: \d+ variants .* measures all, in about \d/);
    }
  });
});

test.each(workloadNames())('%s by itself takes 2 min at most', async (name) => {
  expect(lengthS(await plansOf({ scenarios: [name] }))).toBeLessThanOrEqual(120);
});

test('what is chosen for a scenario has more blocks, and one where there is no time', async () => {
  const [two] = await plansOf({ scenarios: ['ticker'], transports: ['polling', 'websocket'] });
  expect(two?.course).toEqual({ blocks: 3, budgetNs: undefined, target: undefined });
  const [long] = await plansOf({ scenarios: ['ticker'], durationNs: 60e9 });
  expect(long?.course.blocks).toBe(1);
  expect(long?.cells.some(({ copy }) => copy)).toBe(false);
});

test('everything holds what is measured otherwise, and clients that come back where connections are cut', async () => {
  for (const name of workloadNames()) {
    const course = { blocks: 1, budgetNs: undefined, target: undefined };
    const [usual] = await plansOf({ scenarios: [name], course });
    const [all] = await plansOf({ scenarios: [name], course, everything: true });
    expect(all?.cells.map(({ variant }) => variant)).toEqual(
      expect.arrayContaining(usual?.cells.map(({ variant }) => variant) ?? []) as unknown,
    );
    if (loadWorkload(name).faults.length === 0) continue;
    for (const { variant } of all?.cells ?? []) expect(variant.values.reconnect).not.toBe('none');
  }
});

test('of scenarios that nobody named, those that cannot be measured so are left out, but not all of them', async () => {
  const inMemory = await plansOf({ backplanes: ['memory'] });
  const names = inMemory.map(({ workload }) => workload.name);
  expect(names.toSorted()).toEqual(workloadNames().filter((name) => name !== 'storm'));
  await expect(plansOf({ clients: 1, asked: { frames: ['binary'] }, transports: ['polling'] })).rejects.toThrow(
    /--frames binary: polling has no such thing/,
  );
  await expect(plansOf({ scenarios: ['storm'], backplanes: ['memory'] })).rejects.toThrow(/scenario storm: nothing/);
});
