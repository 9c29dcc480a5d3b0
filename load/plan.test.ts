import { expect, test } from 'vitest';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import { estimateNs, type PlanChoices, planScenario } from './plan.ts';

const choices: PlanChoices = {
  transports: ['polling', 'websocket'],
  backplanes: ['memory', 'redis'],
  generators: ['native'],
  nodes: undefined,
  clients: undefined,
  durationNs: undefined,
  pollIntervalNs: undefined,
  warmUpNs: 3e9,
  seed: 1,
  headers: 'browser',
};
const ticker = loadWorkload('ticker');

test('every transport meets every backplane, with its default of nodes', () => {
  const { trials } = planScenario(ticker, choices);
  expect(trials.map(({ variant }) => variant)).toEqual([
    { transport: 'polling', backplane: 'memory', nodes: 1 },
    { transport: 'websocket', backplane: 'memory', nodes: 1 },
    { transport: 'polling', backplane: 'redis', nodes: 3 },
    { transport: 'websocket', backplane: 'redis', nodes: 3 },
  ]);
});

test('choices override the workload; only a backplane that can share the feed has more nodes', () => {
  const plan = planScenario(ticker, { ...choices, nodes: 5, clients: 7, durationNs: 4e9, pollIntervalNs: 1e9 });
  expect(plan.trials.map(({ variant }) => variant.nodes)).toEqual([1, 1, 5, 5]);
  expect(plan.workload).toMatchObject({ clients: 7, durationNs: 4e9, pollIntervalNs: 1e9 });
  expect(plan.trials[0]).toMatchObject({ clients: 7, windowNs: 4e9 });
});

test('what cannot be is refused before anything starts', () => {
  expect(() => planScenario(ticker, { ...choices, nodes: 65 })).toThrow(/64 nodes at most/);
  expect(() => planScenario(ticker, { ...choices, clients: 900_000 })).toThrow(/at most \d+ fit/);
  const crowded = { ...ticker, payload: { kind: 'stock-prices', bytes: 20 } } as const;
  expect(() => planScenario(crowded, choices)).toThrow(/workload ticker: a stock-prices message needs/);
});

test('several generators read a pushed or held feed once more with few clients, on one backplane', () => {
  const transports = ['polling', 'long-polling', 'websocket'] as const;
  const plan = planScenario(ticker, { ...choices, transports, generators: ['native', 'k6'] });
  const light = plan.trials.filter(({ clients }) => clients < ticker.clients);
  expect(
    light.map(({ variant, generator, clients }) => [variant.transport, variant.backplane, generator, clients]),
  ).toEqual([
    ['long-polling', 'memory', 'native', 2],
    ['long-polling', 'memory', 'k6', 2],
    ['websocket', 'memory', 'native', 2],
    ['websocket', 'memory', 'k6', 2],
  ]);
  expect(plan.trials.slice(-light.length)).toEqual(light);
});

test.each([
  ['one generator', { generators: ['native'] }],
  ['a second one that drives none of them', { generators: ['native', 'autocannon'] }],
  ['hardly more clients in the first place', { generators: ['native', 'k6'], clients: 2 }],
] as const)('no trials with few clients for %s', (_, change) => {
  const plan = planScenario(ticker, { ...choices, ...change });
  const once = new Set(plan.trials.map(({ variant, generator }) => JSON.stringify([variant, generator])));
  expect(plan.trials).toHaveLength(once.size);
});

test('the estimate counts every trial', () => {
  const plan = planScenario(ticker, choices);
  expect(estimateNs([plan, plan])).toBe(2 * estimateNs([plan]));
  expect(estimateNs([plan])).toBeGreaterThan(4 * 24e9);
});
