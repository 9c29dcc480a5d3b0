import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClassId } from '../../scenarios/carriage.ts';
import { Failure } from '../../scenarios/failures.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { cellKey, wholeBlocks } from '../../scenarios/result/blocks.ts';
import { isMeasured, type MeasuredTrial, type Result, SCHEMA, type Trial } from '../../scenarios/result/result.ts';
import { trialEstimateNs } from '../trial-length.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { type CampaignOutcome, type CampaignTools, runCampaign } from './campaign.ts';
import { blockEstimateNs } from './campaign-length.ts';
import type { CampaignPlan, Course } from './campaign-plan.ts';
import { withControl } from './control.ts';
import { NOTHING_WRONG } from '../../scenarios/testing/clean-audit.ts';

const WORKLOAD = loadWorkload('ticker');
const NOW = '2026-01-02T03:04:05.000Z';

function specOf(transport: TrialSpec['variant']['transport'], clients = WORKLOAD.clients): TrialSpec {
  return {
    variant: { transport, backplane: 'memory', values: {} },
    generator: 'native',
    clients,
    trial: 1,
    copy: false,
    attempt: 1,
    workload: WORKLOAD,
    seed: 1,
    warmUpNs: 1e9,
    windowNs: 6e9,
  };
}

function planOf(course: Partial<Course> = {}, light: readonly TrialSpec[] = []): CampaignPlan {
  return {
    workload: WORKLOAD,
    seed: 1,
    cells: withControl([specOf('polling'), specOf('websocket'), specOf('sse')]),
    light,
    course: { blocks: 3, budgetNs: undefined, target: undefined, ...course },
  };
}

const BLANK: Result = {
  schema: SCHEMA,
  id: 'x',
  startedAt: NOW,
  endedAt: NOW,
  partial: true,
  plannedTrials: 1,
  command: '',
  seed: 1,
  workload: WORKLOAD,
  manifest: { scheduleHash: '', messages: 1, warmUpNs: 1e9, windowNs: 6e9 },
  transports: {},
  generators: {},
  environment: {},
  campaign: {
    seed: 1,
    control: null,
    blocks: [],
    plannedBlocks: 3,
    budgetNs: null,
    target: null,
    cells: [],
    endedBy: null,
  },
  noise: [],
  trials: [],
};

function placeOf({ variant, generator, clients, trial, copy, attempt }: TrialSpec) {
  return { variant, generator, clients, trial, copy, attempt, startedAt: NOW };
}

/** One that tells nothing but that it was made. */
function measured(spec: TrialSpec, change: Partial<MeasuredTrial> = {}): MeasuredTrial {
  return {
    state: 'measured',
    ...placeOf(spec),
    partial: false,
    scheduleHash: '',
    window: { binNs: 1e9, bins: 7, firstBin: 1, endBin: 7, plannedWarmUpNs: 1e9, excludedNs: 1e9, warmUp: '' },
    histograms: {},
    histogramsPerBin: {},
    countersPerBin: {},
    gaugesPerBin: {},
    audit: {
      subscribers: 1,
      published: 1,
      expected: 1,
      received: 1,
      ...NOTHING_WRONG,
    },
    processes: [],
    sources: {},
    ramp: { durationNs: 1, wireBytes: null, serverCpuNs: 1 },
    oneWayDelayNs: 1,
    dueInWindow: 1,
    machine: null,
    wallNs: trialEstimateNs(spec),
    presence: [],
    sessionEnds: [],
    disruption: null,
    remarks: [],
    ...change,
  };
}

/** A machine on which every trial goes well and takes what it is estimated to take. */
class World {
  readonly controller = new AbortController();
  kept: Result = BLANK;
  clockNs = 0;
  readonly tools: CampaignTools;

  constructor(change: Partial<CampaignTools> = {}) {
    this.tools = {
      measure: async (spec) => this.pass(measured(spec)),
      keep: async (result) => {
        this.kept = result;
        return undefined;
      },
      judge: { isDisturbed: () => false, narrow: () => new Set() },
      stop: this.controller.signal,
      spentNs: () => this.clockNs,
      ...change,
    };
  }

  pass<T extends Trial>(trial: T): T {
    this.clockNs += isMeasured(trial) ? trial.wallNs : 0;
    return trial;
  }

  async run(plan: CampaignPlan, begun = BLANK): Promise<CampaignOutcome> {
    return runCampaign(plan, begun, this.tools);
  }
}

function keysIn({ trials, workload }: Result, block: number): string[] {
  return trials.filter(({ trial }) => trial === block).map((trial) => cellKey(trial, workload));
}

function cellKeys({ cells }: CampaignPlan): string[] {
  return cells.map((cell) => cellKey(cell, WORKLOAD)).toSorted();
}

test('every block has every variant once, and the one that is the control twice, in an order of its own', async () => {
  const { result } = await new World().run(planOf());
  const orders = [1, 2, 3].map((block) => keysIn(result, block));
  for (const order of orders) expect(order.toSorted()).toEqual(cellKeys(planOf()));
  expect(new Set(orders.map(String)).size).toBe(3);
  expect(result).toMatchObject({ partial: false, plannedTrials: 12, campaign: { endedBy: 'trials' } });
  expect(result.campaign?.blocks).toEqual([1, 2, 3].map((number) => ({ number, plannedTrials: 4 })));
});

test('what is measured with few clients is measured once, after the first block, and is no part of it', async () => {
  const light = [specOf('websocket', 2), specOf('sse', 2)];
  const { result } = await new World().run(planOf({}, light));
  const few = result.trials.filter(({ clients }) => clients === 2);
  expect(few.map(({ trial }) => trial)).toEqual([1, 1]);
  expect(result.trials.slice(4, 6)).toEqual(few);
  expect(result.plannedTrials).toBe(14);
  expect(result.campaign?.blocks[0]?.plannedTrials).toBe(4);
});

test('the result that is kept at any moment is of a campaign under way', async () => {
  const world = new World();
  const seen: [number, number, boolean, string | null | undefined][] = [];
  const { keep } = world.tools;
  const tools: CampaignTools = {
    ...world.tools,
    keep: async (result) => {
      seen.push([result.trials.length, result.plannedTrials, result.partial, result.campaign?.endedBy]);
      return keep(result);
    },
  };
  await runCampaign(planOf({ blocks: 2 }), BLANK, tools);
  expect(seen.slice(0, -1)).toEqual(Array.from({ length: 9 }, (_, made) => [made, 8, true, null]));
  expect(seen.at(-1)).toEqual([8, 8, false, 'trials']);
});

test('a trial that failed is not repeated, and its block counts for the others', async () => {
  const world = new World({
    measure: async (spec) =>
      spec.variant.transport === 'sse'
        ? { state: 'failed', ...placeOf(spec), code: 'process-died', message: '' }
        : measured(spec),
  });
  const { result } = await world.run(planOf());
  expect(result.trials).toHaveLength(12);
  expect([...wholeBlocks(result)]).toEqual([1, 2, 3]);
});

test('a result that cannot be kept ends the campaign, and has what was measured', async () => {
  const full = new Failure('disk-full', 'no space');
  const world = new World({ keep: async (result) => (result.trials.length > 4 ? full : undefined) });
  const { result, failure } = await world.run(planOf());
  expect(failure).toBe(full);
  expect(result.trials).toHaveLength(5);
  expect(result.campaign?.endedBy).toBe('failure');
});

test('what something from outside disturbed is measured again, once, at once, and both are kept', async () => {
  const world = new World();
  const isDisturbed = ({ variant, trial, attempt }: MeasuredTrial): boolean =>
    variant.transport === 'sse' && trial === 2 && attempt === 1;
  const { result } = await runCampaign(planOf(), BLANK, {
    ...world.tools,
    judge: { ...world.tools.judge, isDisturbed },
  });
  const again = result.trials.findIndex(({ attempt }) => attempt === 2);
  expect(result.trials).toHaveLength(13);
  expect(result.trials[again]).toMatchObject({ trial: 2, variant: { transport: 'sse' } });
  expect(result.trials[again - 1]).toMatchObject({ trial: 2, attempt: 1, variant: { transport: 'sse' } });
  expect(result).toMatchObject({ plannedTrials: 12, partial: false });
});

test('what is disturbed whenever it is measured again is no accident: three in a row are enough', async () => {
  const world = new World();
  const isDisturbed = (): boolean => true;
  const { result } = await runCampaign(planOf({ blocks: 10 }), BLANK, {
    ...world.tools,
    judge: { ...world.tools.judge, isDisturbed },
  });
  expect(result.trials.filter(({ attempt }) => attempt === 2)).toHaveLength(3);
  expect(wholeBlocks(result).size).toBe(10);
});

test('where a trial is at ease again, another one may be spared what disturbed it', async () => {
  const world = new World();
  const isDisturbed = ({ trial, copy }: MeasuredTrial): boolean => trial !== 3 || copy;
  const { result } = await runCampaign(planOf({ blocks: 20 }), BLANK, {
    ...world.tools,
    judge: { ...world.tools.judge, isDisturbed },
  });
  const again = result.trials.filter(({ attempt }) => attempt === 2).map(({ trial }) => trial);
  expect(again.slice(0, 3)).toEqual([1, 1, 1]);
  expect(again.slice(3)).toContain(4);
});

test('no more than a tenth of the trials is measured again, so that a run ends about when it said', async () => {
  const world = new World();
  const isDisturbed = ({ attempt }: MeasuredTrial): boolean => attempt === 1;
  const { result } = await runCampaign(planOf({ blocks: 5 }), BLANK, {
    ...world.tools,
    judge: { ...world.tools.judge, isDisturbed },
  });
  expect(result.plannedTrials).toBe(20);
  expect(result.trials.filter(({ attempt }) => attempt === 2)).toHaveLength(2);
});

test('what was cut short, or made with few clients, is not measured again', async () => {
  const plan = planOf({ blocks: 2 }, [specOf('sse', 2)]);
  const world = new World();
  const isDisturbed = ({ clients }: MeasuredTrial): boolean => clients === 2;
  const { result } = await runCampaign(plan, BLANK, { ...world.tools, judge: { ...world.tools.judge, isDisturbed } });
  expect(result.trials.every(({ attempt }) => attempt === 1)).toBe(true);
  const stopped = new World();
  const cut = await runCampaign(plan, BLANK, {
    ...stopped.tools,
    judge: { ...stopped.tools.judge, isDisturbed: () => true },
    measure: async (spec) => {
      stopped.controller.abort();
      return measured(spec, { partial: true });
    },
  });
  expect(cut.result.trials).toHaveLength(1);
  expect(cut.result.campaign?.endedBy).toBe('stopped');
});

test('a budget begins no block that would not end in it', async () => {
  const blockNs = blockEstimateNs(planOf());
  const blocksIn = async (budgetNs: number): Promise<[number, number]> => {
    const world = new World();
    const { result } = await world.run(planOf({ blocks: undefined, budgetNs }));
    expect(result).toMatchObject({ partial: false, campaign: { endedBy: 'time' } });
    return [wholeBlocks(result).size, world.clockNs];
  };
  expect(await blocksIn(5 * blockNs)).toEqual([5, 5 * blockNs]);
  expect(await blocksIn(5.99 * blockNs)).toEqual([5, 5 * blockNs]);
});

test('where trials take longer than estimated, a budget has fewer blocks, and is kept', async () => {
  const world = new World();
  const measure = async (spec: TrialSpec): Promise<Trial> =>
    world.pass(measured(spec, { wallNs: 1.5 * trialEstimateNs(spec) }));
  const plan = planOf({ blocks: undefined, budgetNs: 7 * blockEstimateNs(planOf()) });
  const { result } = await runCampaign(plan, BLANK, { ...world.tools, measure });
  expect(wholeBlocks(result).size).toBe(4);
  expect(world.clockNs).toBeLessThanOrEqual(7 * blockEstimateNs(planOf()));
});

test('a class that is measured sharply enough leaves, all of it at once, from three blocks on', async () => {
  const narrow = (result: Result): ReadonlySet<ClassId> => {
    const blocks = wholeBlocks(result).size;
    const done: ClassId[] = [
      ...(blocks >= 1 ? ['interval' as const] : []),
      ...(blocks >= 5 ? ['prompt' as const] : []),
    ];
    return new Set(done);
  };
  const world = new World();
  const { result } = await runCampaign(planOf({ blocks: 9, target: 1.1 }), BLANK, {
    ...world.tools,
    judge: { ...world.tools.judge, narrow },
  });
  expect(result.campaign?.blocks.map(({ plannedTrials }) => plannedTrials)).toEqual([4, 4, 4, 3, 3]);
  expect(keysIn(result, 4).some((key) => key.startsWith('polling'))).toBe(false);
  expect(result).toMatchObject({ partial: false, plannedTrials: 18, campaign: { endedBy: 'width' } });
});

/** How a session ends: after so many trials, in one of the ways in which it can. */
interface Interruption {
  readonly afterTrials: number;
  readonly how: 'nothing of the trial at hand' | 'a part of it' | 'when it is whole' | 'killed';
}

class Killed extends Error {}

async function sessionOf(plan: CampaignPlan, begun: Result, ended?: Interruption): Promise<Result> {
  const world = new World();
  let made = 0;
  const measure = async (spec: TrialSpec): Promise<Trial | undefined> => {
    made += 1;
    if (ended === undefined || made <= ended.afterTrials) return measured(spec);
    if (ended.how === 'killed') throw new Killed();
    world.controller.abort();
    if (ended.how === 'nothing of the trial at hand') return undefined;
    return measured(spec, { partial: ended.how === 'a part of it' });
  };
  try {
    const { result } = await runCampaign(plan, begun, { ...world.tools, measure });
    expect(result).toEqual(world.kept);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  // What goes on reads what was written.
  return structuredClone(world.kept);
}

const interruption = fc.record<Interruption>({
  afterTrials: fc.nat({ max: 15 }),
  how: fc.constantFrom('nothing of the trial at hand', 'a part of it', 'when it is whole', 'killed'),
});

test('wherever and however it was interrupted, what goes on has all planned blocks whole, and loses nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(interruption, { maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (interruptions, blocks, isLight) => {
        const plan = planOf({ blocks }, isLight ? [specOf('sse', 2)] : []);
        let result = BLANK;
        for (const ended of interruptions) {
          const next = await sessionOf(plan, result, ended);
          expect(next.trials.slice(0, result.trials.length)).toEqual(result.trials);
          result = next;
        }
        const before = result.trials;
        result = await sessionOf(plan, result);
        expect(result.trials.slice(0, before.length)).toEqual(before);
        const whole = wholeBlocks(result);
        expect(whole.size).toBe(blocks);
        for (const block of whole) {
          const made = keysIn({ ...result, trials: result.trials.filter(isCompared) }, block);
          expect(made.toSorted()).toEqual(cellKeys(plan));
        }
        const light = result.trials.filter((trial) => !isCompared(trial) && isMeasured(trial) && !trial.partial);
        expect(light).toHaveLength(plan.light.length);
        expect(result).toMatchObject({ partial: false, plannedTrials: result.trials.length });
        expect(result.campaign?.endedBy).toBe('trials');
      },
    ),
    { numRuns: 100 },
  );
});

function isCompared({ clients }: Trial): boolean {
  return clients === WORKLOAD.clients;
}
