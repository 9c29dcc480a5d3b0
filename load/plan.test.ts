import { expect, test } from 'vitest';
import { parseFault } from '../scenarios/faults.ts';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import { nodesOf } from '../scenarios/variant.ts';
import { type PlanChoices, planScenario } from './plan.ts';

const choices: PlanChoices = {
  transports: ['polling', 'websocket'],
  backplanes: ['memory', 'redis'],
  generators: ['native'],
  asked: {},
  clients: undefined,
  durationNs: undefined,
  warmUpNs: 3e9,
  seed: 1,
  course: { blocks: 1, budgetNs: undefined, target: undefined },
};
const ticker = { ...loadWorkload('ticker'), durationNs: 12e9 };

test('every transport meets every backplane, with its default of nodes', () => {
  const { cells } = planScenario(ticker, choices);
  expect(cells.map(({ variant }) => variant)).toMatchObject([
    { transport: 'polling', backplane: 'memory', values: { nodes: 1, headers: 'browser', pollIntervalNs: 3e9 } },
    { transport: 'websocket', backplane: 'memory', values: { nodes: 1, headers: 'browser' } },
    { transport: 'polling', backplane: 'redis', values: { nodes: 3, headers: 'browser', pollIntervalNs: 3e9 } },
    { transport: 'websocket', backplane: 'redis', values: { nodes: 3, headers: 'browser' } },
  ]);
});

test('what stands beside the choices is multiplied by itself, and nothing is measured twice', () => {
  const beside = [{ transports: ['websocket'], backplanes: ['memory', 'redis'], asked: { nodes: [1, 2] } }] as const;
  const { cells } = planScenario(ticker, { ...choices, backplanes: ['memory'], beside });
  expect(cells.map(({ variant }) => [variant.transport, variant.backplane, nodesOf(variant)])).toEqual([
    ['polling', 'memory', 1],
    ['websocket', 'memory', 1],
    ['websocket', 'redis', 1],
    ['websocket', 'redis', 2],
  ]);
});

test('a value that one of several sets has is not refused for the others', () => {
  const beside = [{ transports: ['websocket'], backplanes: ['memory'], asked: { retry: ['none', 'fixed'] } }] as const;
  const asked = { retry: ['none', 'fixed'] } as const;
  const { cells } = planScenario(ticker, { ...choices, transports: ['sse'], backplanes: ['memory'], asked, beside });
  expect(cells.map(({ variant }) => [variant.transport, variant.values.retry])).toEqual([
    ['sse', 'none'],
    ['sse', 'fixed'],
    ['websocket', undefined],
  ]);
  const nobody = { ...choices, transports: ['polling'] as const, backplanes: ['memory'] as const, asked, beside };
  expect(() => planScenario(ticker, nobody)).toThrow(/--retry none: polling and websocket have no such thing/);
});

test('choices override the workload; only a backplane that can share the feed has more nodes', () => {
  const plan = planScenario(ticker, { ...choices, asked: { nodes: [5] }, clients: 7, durationNs: 4e9 });
  expect(plan.cells.map(({ variant }) => nodesOf(variant))).toEqual([1, 1, 5, 5]);
  expect(plan.workload).toMatchObject({ clients: 7, durationNs: 4e9 });
  expect(plan.cells[0]).toMatchObject({ clients: 7, windowNs: 4e9 });
});

test('what cannot be is refused before anything starts', () => {
  expect(() => planScenario(ticker, { ...choices, clients: 900_000 })).toThrow(/at most \d+ fit/);
});

test('who is cut again before it is back is not measured: what it lacks would be held against the server', () => {
  const plan = (clients: number): unknown =>
    planScenario(loadWorkload('tokens'), { ...choices, asked: { reconnect: ['guide'] }, clients });
  expect(() => plan(4)).toThrow(/never catch up \(1\.10 s away, 0\.500 times a second\): choose more --clients/);
  expect(() => plan(5)).not.toThrow();
});

const SECOND_NS = 1e9;

test.each([
  ['fixed', /none is due in the 2\.00 s that are measured: choose a longer --duration, a higher rate$/],
  ['poisson', /none is due .* or another --seed$/],
] as const)('a %s feed with nothing to measure is refused, with what to change', (kind, says) => {
  const thin = { ...ticker, feed: { kind, messagesPerSecond: 0.001 } };
  const plan = (): unknown => planScenario(thin, { ...choices, durationNs: 2 * SECOND_NS });
  expect(plan).toThrow(says);
  expect(plan).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
});

test('what is due in the warm-up alone is nothing to measure', () => {
  // The only message of this feed is due after 2 s.
  const thin = { ...ticker, feed: { kind: 'fixed', messagesPerSecond: 0.25 } } as const;
  const times = { ...choices, durationNs: 2 * SECOND_NS };
  expect(() => planScenario(thin, { ...times, warmUpNs: 3 * SECOND_NS })).toThrow(/none is due/);
  expect(planScenario(thin, { ...times, warmUpNs: SECOND_NS }).cells).not.toHaveLength(0);
});

test('a feed that no trial can hold is refused at once', () => {
  const dense = { ...ticker, feed: { kind: 'poisson', messagesPerSecond: 100_000 } } as const;
  const startedMs = performance.now();
  expect(() => planScenario(dense, { ...choices, durationNs: 86_400 * SECOND_NS })).toThrow(
    /about 8640300000 messages would be due in a trial, and 10000000 are the most: choose a shorter --duration/,
  );
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test('where nothing is said the window is a multiple of the heartbeat', () => {
  const idle = loadWorkload('idle');
  const plan = (durationNs: number | undefined, workload = idle): unknown =>
    planScenario(workload, { ...choices, clients: 10, durationNs });
  for (const durationNs of [3, 8])
    expect(() => plan(durationNs * SECOND_NS)).toThrow(
      /^scenario idle: its window must be a multiple of its heartbeat, not \d\.00 s: choose --duration 6s, 12s, …$/,
    );
  for (const durationNs of [undefined, 6 * SECOND_NS, 18 * SECOND_NS]) expect(() => plan(durationNs)).not.toThrow();
  expect(() => plan(8 * SECOND_NS, { ...idle, heartbeatNs: undefined })).not.toThrow();
  expect(() => plan(8 * SECOND_NS, { ...ticker, heartbeatNs: 6 * SECOND_NS })).not.toThrow();
});

test('nothing to run is refused', () => {
  expect(() => planScenario(ticker, { ...choices, generators: ['autocannon'] })).toThrow(/nothing .* can be run/);
});

const chat = { ...loadWorkload('chat'), durationNs: 12e9 };

test('who cannot talk drives no conversation, and nobody talks where nodes have no common log', () => {
  const plan = planScenario(chat, {
    ...choices,
    transports: ['websocket', 'socketio'],
    backplanes: ['redis', 'socketio-sharded'],
    generators: ['native', 'k6'],
    asked: { shape: ['websocket'] },
  });
  expect(plan.cells.map(({ variant, generator }) => [variant.transport, variant.backplane, generator])).toEqual([
    ['websocket', 'redis', 'native'],
    ['socketio', 'redis', 'native'],
  ]);
  expect(plan.left.join('\n')).toMatch(/^k6: n\/a, its scripts listen/m);
  expect(plan.left.join('\n')).toMatch(/^Socket\.IO, socketio-sharded: n\/a, its nodes have no common log/m);
  const latest = { ...choices, transports: ['websocket'], asked: { deliver: ['latest'] } } as const;
  expect(() => planScenario(chat, latest)).toThrow(/nothing that was asked for can be run: .*no older value/);
  expect(() =>
    planScenario(loadWorkload('tokens'), { ...latest, asked: { ...latest.asked, reconnect: ['guide'] } }),
  ).toThrow(/none of these messages replaces another/);
  const whole = { ...choices, transports: ['polling'], asked: { deliver: ['latest'], ask: ['etag'] } } as const;
  expect(() => planScenario(loadWorkload('cursors'), whole)).toThrow(/feed that goes to all, and no room/);
  // Where a cursor was is of no use when it is elsewhere.
  const cursors = planScenario(loadWorkload('cursors'), { ...choices, asked: { deliver: ['all', 'latest'] } });
  expect(cursors.cells.filter(({ variant }) => variant.values.deliver === 'latest')).toHaveLength(
    cursors.cells.length / 2,
  );
  const left = { ...choices, transports: ['socketio'], asked: { recovery: ['library'] } } as const;
  expect(() => planScenario(chat, left)).toThrow(/leaves delivery to the library knows no channels/);
});

test('where the feed cuts connections, clients come back or there is nothing to measure', () => {
  const tokens = loadWorkload('tokens');
  const one = { ...choices, transports: ['sse'], generators: ['native', 'k6'] } as const;
  expect(() => planScenario(tokens, one)).toThrow(/its clients do not come back: choose --reconnect/);
  const plan = planScenario(tokens, { ...one, asked: { reconnect: ['guide'] } });
  expect(plan.cells.map(({ generator }) => generator)).toContain('native');
  expect(plan.left.join('\n')).toMatch(/k6/);
});

test('sessions are remembered where the library finds them again, and it is said where not', () => {
  const plan = planScenario(loadWorkload('ticker'), {
    ...choices,
    transports: ['socketio'],
    backplanes: ['memory', 'redis', 'socketio-sharded', 'socketio-streams'],
    asked: { recovery: ['library'], shape: ['websocket'] },
  });
  const backplanes = new Set(plan.cells.map(({ variant }) => variant.backplane));
  expect([...backplanes]).toEqual(['memory', 'socketio-streams']);
  expect(plan.left.join('\n')).toContain('the library remembers sessions in memory, on one node, or in its streams');
});

test('a conversation has no trials with few clients: that would be another one', () => {
  const plan = planScenario(chat, { ...choices, transports: ['websocket'], generators: ['native', 'library'] });
  expect(plan.cells.length).toBeGreaterThan(1);
  expect(plan.light).toEqual([]);
});

test('a conversation that processes cannot know whole is refused', () => {
  const dense = { ...chat, feed: { ...chat.feed, messagesPerSecond: 10_000 } };
  expect(() => planScenario(dense, { ...choices, durationNs: 60 * SECOND_NS })).toThrow(/and 200000 are the most/);
});

test('several generators read a pushed or held feed once more with few clients, on one backplane', () => {
  const transports = ['polling', 'long-polling', 'websocket'] as const;
  const plan = planScenario(ticker, { ...choices, transports, generators: ['native', 'k6'] });
  expect(
    plan.light.map(({ variant, generator, clients }) => [variant.transport, variant.backplane, generator, clients]),
  ).toEqual([
    ['long-polling', 'memory', 'native', 2],
    ['long-polling', 'memory', 'k6', 2],
    ['websocket', 'memory', 'native', 2],
    ['websocket', 'memory', 'k6', 2],
  ]);
});

test.each([
  ['one generator', { generators: ['native'] }],
  ['a second one that drives none of them', { generators: ['native', 'autocannon'] }],
  ['hardly more clients in the first place', { generators: ['native', 'k6'], clients: 2 }],
] as const)('no trials with few clients for %s', (_, change) => {
  const plan = planScenario(ticker, { ...choices, ...change });
  expect(plan.light).toEqual([]);
});

test('a campaign measures one variant as two, of those that get messages at once; a single run does not', () => {
  const copies = (change: Partial<PlanChoices>): string[] =>
    planScenario(ticker, { ...choices, ...change }).cells.flatMap(({ copy, variant }) =>
      copy ? [`${variant.transport}/${variant.backplane}`] : [],
    );
  const course = { blocks: 3, budgetNs: undefined, target: undefined };
  expect(copies({})).toEqual([]);
  expect(copies({ course })).toEqual(['websocket/memory']);
  expect(copies({ course, transports: ['polling'] })).toEqual(['polling/memory']);
  expect(copies({ course, generators: ['native', 'k6'] })).toHaveLength(1);
});

test('a variant that what is made to happen would end is left out, with the reason', () => {
  const faults = [parseFault('kill-node@2s')];
  const { cells, left, workload } = planScenario(ticker, { ...choices, faults });
  expect(workload.faults).toEqual(faults);
  expect(cells.map(({ variant }) => variant.backplane)).toEqual(['redis', 'redis']);
  expect(left).toContainEqual(
    expect.stringMatching(/^WebSocket, memory: n\/a, kill-node@2s: the feed is in the memory/),
  );
});

test('what the workload has happen gives way to what is asked for, nothing too', () => {
  const stormy = { ...ticker, faults: [parseFault('kill-node@2s')] };
  expect(planScenario(stormy, choices).workload.faults).toHaveLength(1);
  expect(planScenario(stormy, { ...choices, faults: [] }).workload.faults).toEqual([]);
});

test('what would happen after the window is refused', () => {
  const faults = [parseFault('kill-node@12s')];
  expect(() => planScenario(ticker, { ...choices, faults })).toThrow(
    /kill-node@12s is after the 12\.0 s that are measured: choose a longer --duration, or an earlier fault$/,
  );
});

test('a generator that plays so many clients at most is left out where there are more, with what to do', () => {
  const both = {
    ...choices,
    transports: ['websocket'],
    backplanes: ['memory'],
    generators: ['native', 'browser'],
  } as const;
  const crowded = planScenario(ticker, { ...both, clients: 51 });
  expect(crowded.cells.map(({ generator }) => generator)).toEqual(['native']);
  expect(crowded.left).toEqual([
    expect.stringMatching(
      /^browser: n\/a, it plays 50 clients at most, because .*: ask for no more with --clients$/,
    ) as unknown,
  ]);
  expect(planScenario(ticker, { ...both, clients: 50 }).cells.map(({ generator }) => generator)).toEqual([
    'native',
    'browser',
  ]);
  expect(() => planScenario(ticker, { ...both, generators: ['browser'], clients: 51 })).toThrow(
    /ask for no more with --clients/,
  );
});
