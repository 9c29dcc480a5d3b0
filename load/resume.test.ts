import { expect, test } from 'vitest';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import { hashFeed } from '../scenarios/feed/schedule-hash.ts';
import type { Campaign } from '../scenarios/result/campaign.ts';
import { parseResult, type Result } from '../scenarios/result/result.ts';
import { blankResult } from './blank-result.ts';
import { placeProcesses } from './machine/placement.ts';
import type { KnownServer } from './foreign/foreign-server.ts';
import { planScenario, type ScenarioPlan } from './plan.ts';
import { checkResumable, planAgain } from './resume.ts';

const AS_PLANNED = { trials: undefined, budgetNs: undefined, target: undefined };

const plan = planScenario(loadWorkload('ticker'), {
  transports: ['polling', 'websocket'],
  backplanes: ['memory', 'redis'],
  generators: ['native', 'library'],
  asked: { pollIntervalNs: [1e9, 2e9] },
  clients: 20,
  durationNs: 4e9,
  warmUpNs: 1e9,
  seed: 7,
  course: { blocks: 4, budgetNs: undefined, target: 1.2 },
});

/** A campaign of which nothing was measured yet, as it is read from its file. */
async function begun(of: ScenarioPlan = plan): Promise<Result> {
  const occasion = {
    id: 'a-run',
    command: '',
    stop: new AbortController().signal,
    placement: placeProcesses(),
    noise: [],
  };
  const result = parseResult(structuredClone(await blankResult(of, occasion)));
  if (typeof result === 'string') throw new TypeError(result);
  return result;
}

async function begunWith(change: Partial<Result>, campaign: Partial<Campaign> = {}): Promise<Result> {
  const result = await begun();
  return { ...result, campaign: result.campaign && { ...result.campaign, ...campaign }, ...change };
}

test('a campaign that goes on has the plan with which it was begun', async () => {
  const { left: _left, ...planned } = plan;
  expect(planAgain(await begun(), AS_PLANNED)).toEqual(planned);
});

test.each([
  [AS_PLANNED, { blocks: 4, budgetNs: undefined, target: 1.2 }],
  [
    { ...AS_PLANNED, trials: 6 },
    { blocks: 6, budgetNs: undefined, target: 1.2 },
  ],
  [
    { ...AS_PLANNED, budgetNs: 9e9 },
    { blocks: undefined, budgetNs: 9e9, target: 1.2 },
  ],
  [
    { trials: 6, budgetNs: 9e9, target: 1.1 },
    { blocks: 6, budgetNs: 9e9, target: 1.1 },
  ],
])('what is asked of it now takes the place of what was planned: %j', async (extension, course) => {
  expect(planAgain(await begun(), extension).course).toEqual(course);
});

test('a single run, as older files have, has nothing to go on with', async () => {
  const single = await begunWith({ campaign: null });
  expect(() => planAgain(single, AS_PLANNED)).toThrow(/^a-run has no blocks to go on with, .* with --trials 3$/);
});

test.each([
  ['transport', { transport: 'pigeon', backplane: 'memory', values: {} }, 'pigeon'],
  ['backplane', { transport: 'websocket', backplane: 'kafka', values: {} }, 'kafka'],
  ['dimension', { transport: 'websocket', backplane: 'memory', values: { colour: 'red' } }, 'colour'],
])('a %s that this feedbench does not have is named', async (_, variant, name) => {
  const strange = await begunWith({}, { cells: [{ variant, generator: 'native', clients: 20, copy: false }] });
  expect(() => planAgain(strange, AS_PLANNED)).toThrow(`a-run was begun with "${name}", which this feedbench does not`);
});

test('on the same machine, with the same feedbench and feed, it goes on', async () => {
  const result = await begun();
  await expect(checkResumable(planAgain(result, AS_PLANNED), result, undefined)).resolves.toBeUndefined();
});

test.each(['cpu', 'cores', 'node', 'commit', 'placement'])('with another %s it does not', async (name) => {
  const { environment } = await begun();
  const result = await begunWith({ environment: { ...environment, [name]: 'another one' } });
  const refused = checkResumable(planAgain(result, AS_PLANNED), result, undefined);
  await expect(refused).rejects.toMatchObject({ code: 'usage' });
  await expect(refused).rejects.toThrow(
    new RegExp(`^a-run cannot go on here: ${name} was another one, and is .*; run it again from the start$`),
  );
});

test('with a feed that comes out otherwise it does not', async () => {
  const result = await begun();
  const { feed, payload } = plan.workload;
  const other = (await hashFeed({ feed, payload, durationNs: 5e9, seed: 8 })) ?? '';
  const changed = { ...result, manifest: { ...result.manifest, scheduleHash: other } };
  await expect(checkResumable(planAgain(changed, AS_PLANNED), changed, undefined)).rejects.toThrow(/another feed/);
});

const KNOWN: KnownServer = {
  nearest: 'polling',
  server: {
    adapter: '/mine.ts',
    id: 'mine',
    label: 'mine',
    isPublishedTo: true,
    hasClock: false,
    address: { url: 'http://127.0.0.1:1/', host: '127.0.0.1', port: 1, isSecure: false, isLoopback: true },
  },
};

/** Of a server of somebody's own. */
function ownPlan(): ScenarioPlan {
  const [first] = plan.cells;
  if (first === undefined) throw new RangeError('a plan has a cell');
  const cell = { ...first, foreign: KNOWN.server, generator: 'adapter' } as const;
  return { ...plan, cells: [cell], light: [] };
}

test("a campaign of a server of somebody's own goes on where it is said again where that is", async () => {
  const { left: _left, ...planned } = ownPlan();
  const result = await begun(ownPlan());
  const again = planAgain(result, AS_PLANNED, KNOWN);
  expect(again).toEqual(planned);
  await expect(checkResumable(again, result, undefined)).resolves.toBeUndefined();
});

test('who is to be measured then is no other than before', async () => {
  const [own, nodes] = [await begun(ownPlan()), await begun()];
  const another = { ...KNOWN, server: { ...KNOWN.server, id: 'other', label: 'other' } };
  expect(() => planAgain(own, AS_PLANNED)).toThrow(
    /say --target and --adapter beside --resume, as when it was begun by: /,
  );
  expect(() => planAgain(own, AS_PLANNED, another)).toThrow(/is of "mine", and the adapter is of "other"/);
  expect(() => planAgain(nodes, AS_PLANNED, KNOWN)).toThrow(/is of nodes of feedbench: leave out --target/);
});
