import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseFault } from '../../scenarios/faults.ts';
import { needs } from '../../scenarios/testing/conditions.ts';
import { variantKey } from '../../scenarios/variant.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { findProgram } from '../../load/machine/programs.ts';
import { findableLines } from './findable.ts';
import { planLines } from './plan-text.ts';
import { planRun, type RunChoices } from './run-plans.ts';

const folder = mkdtempSync(join(tmpdir(), 'feedbench-plans-'));

afterAll(() => rmSync(folder, { recursive: true }));

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
  course: { blocks: 3, budgetNs: undefined, target: undefined },
  everything: false,
  out: folder,
};

function scenario(name: string, options: unknown): string {
  const path = join(folder, `${name}.json`);
  const feed = { kind: 'fixed', messagesPerSecond: 20 };
  const workload = { description: name, clients: 200, feed, payload: { kind: 'stock-prices', bytes: 200 }, options };
  writeFileSync(path, JSON.stringify(workload));
  return path;
}

/** Nobody answers at that address, and nobody asks there. */
const REDIS = { redisUrl: 'redis://127.0.0.1:1', isTried: false };

async function planOf(change: Partial<RunChoices>): Promise<ScenarioPlan> {
  const [plan] = await planRun({ ...choices, ...change }, REDIS);
  if (plan === undefined) throw new TypeError('no plan');
  return plan;
}

function keysOf({ cells, workload }: ScenarioPlan): string[] {
  return cells.filter(({ copy }) => !copy).map(({ variant }) => variantKey(variant, workload));
}

const SETS = [
  { backplane: 'memory', shape: 'websocket' },
  { transport: 'websocket,socketio', backplane: 'redis', shape: 'websocket' },
  { transport: 'socketio', backplane: 'socketio-sharded', shape: 'websocket' },
];

test('of the sets of variants that a scenario names, those with a chosen transport are measured', async () => {
  const scenarios = [scenario('sets', SETS)];
  const ws = await planOf({ scenarios, transports: ['websocket'] });
  expect(keysOf(ws)).toEqual(['websocket/memory', 'websocket/redis/nodes=3']);
  const two = await planOf({ scenarios, transports: ['polling', 'socketio'] });
  expect(keysOf(two)).toEqual([
    'polling/memory',
    'socketio/memory',
    'socketio/redis/nodes=3',
    'socketio/socketio-sharded/nodes=3',
  ]);
  const memory = await planOf({ scenarios, transports: ['websocket'], backplanes: ['memory'] });
  expect(keysOf(memory)).toEqual(['websocket/memory']);
});

test('what a scenario leaves out is said, and measured where everything is asked for', async () => {
  const scenarios = [scenario('few', { transport: 'websocket', backplane: 'memory' })];
  const few = await planOf({ scenarios });
  expect(planLines([few]).at(-1)).toMatch(
    /- left out: \d+ variants that the scenario does not name; --everything measures all, in about \d+ min \d+ s$/,
  );
  const everything = await planOf({ scenarios, everything: true });
  expect(everything.cells.length).toBeGreaterThan(15);
  expect(planLines([everything]).join('\n')).not.toContain('--everything');
});

test('a transport that a scenario does not name is measured where it is chosen', async () => {
  const scenarios = [scenario('few', { transport: 'websocket', backplane: 'memory' })];
  expect(keysOf(await planOf({ scenarios, transports: ['sse'] }))).toEqual(['sse/memory']);
});

test('an option that a named transport lacks is left out and said, and refused where none of them has it', async () => {
  const together = { transport: 'polling,websocket', backplane: 'memory', frames: 'binary' };
  const lacking = 'HTTP polling has no --frames binary';
  const scenarios = [scenario('framed', together)];
  const plan = await planOf({ scenarios });
  expect(keysOf(plan)).toEqual(['polling/memory', 'websocket/memory/frames=binary']);
  expect(planLines([plan])).toContain(`  - left out: ${lacking}`);
  expect((await planOf({ scenarios, transports: ['websocket', 'sse'] })).left.join()).not.toContain('--frames');
  expect((await planOf({ scenarios, asked: { frames: ['text'] } })).left).not.toContain(lacking);
  // Who is not named with it is not meant.
  const { left } = await planOf({ scenarios: [scenario('whoever', { backplane: 'memory', frames: 'binary' })] });
  expect(left.join()).not.toContain('--frames');
  const alone = [scenario('alone', [{}, { transport: 'polling', frames: 'binary' }])];
  await expect(planOf({ scenarios: alone })).rejects.toThrow(
    /options\.1\.frames binary: polling has no such thing; choose websocket or socketio, or leave it out$/,
  );
});

test('a plan says which percentiles its messages support, and what it would find', async () => {
  const scenarios = [scenario('found', { transport: 'long-polling,sse,websocket', backplane: 'memory' })];
  const plan = await planOf({ scenarios });
  // Four variants with the copy: p50 × 1.33 and CPU × 1.39 of sd 0.105 and 0.12 in three blocks.
  const [messages, prompt] = findableLines(plan, []);
  expect(messages).toBe('  its 360 messages support p50 and p95');
  expect(prompt).toMatch(/^ {2}where clients get messages at once .*p50 × 1\.33, .*CPU per message × 1\.39 and wire/);
  expect(prompt).toMatch(/\(usual scatter; \.\/feedbench calibrate/);
  const entry = { classId: 'prompt', windowNs: 6e9, degrees: 20, betweenSessionsSd: null } as const;
  const history = [{ ...entry, metric: 'staleness.p50', sd: 0.24, measuredAt: '2026-01-02T03:04:05.000Z' }];
  expect(findableLines(plan, history)[1]).toMatch(/p50 × 1\.93, .*\(scatter of 2026-01-02\)/);
  // In longer windows chance is no larger, and of shorter ones nothing is known.
  expect(findableLines(await planOf({ scenarios, durationNs: 12e9 }), history)[1]).toMatch(/p50 × 1\.93, /);
  expect(findableLines(await planOf({ scenarios, durationNs: 5e9 }), history)[1]).toMatch(/p50 × 1\.33, /);
});

test('a plan of single trials says what it tells apart, by what this machine knows', async () => {
  const scenarios = [scenario('found', { transport: 'long-polling,sse,websocket', backplane: 'memory' })];
  const course = { blocks: 1, budgetNs: undefined, target: undefined };
  const plan = await planOf({ scenarios, course });
  expect(findableLines(plan, []).at(-1)).toMatch(
    /one trial each, and no history of this machine: it tells bytes apart, and what differs tenfold/,
  );
  const entry = { classId: 'prompt', windowNs: 6e9, degrees: 20, betweenSessionsSd: null } as const;
  const history = [{ ...entry, metric: 'staleness.p50', sd: 0.105, measuredAt: '2026-01-02T03:04:05.000Z' }];
  expect(findableLines(plan, history).at(-1)).toMatch(/4 times in 5, staleness p50 × 1\.55 /);
});

test('a plan with too few messages for a percentile says so', async () => {
  const scenarios = [scenario('found', { transport: 'long-polling,sse,websocket', backplane: 'memory' })];
  const course = { blocks: 1, budgetNs: undefined, target: undefined };
  const [few] = findableLines(await planOf({ scenarios, durationNs: 1e9, course }), []);
  expect(few).toBe('  its 20 messages support p50 alone');
});

test('a Redis of the user’s is not struck, and one of the trial’s own may be', async () => {
  const struck = { scenarios: ['ticker'], backplanes: ['redis'] as const, faults: [parseFault('stop-redis@1s+1s')] };
  await expect(planOf(struck)).rejects.toThrow(
    'stop-redis@1s+1s: the Redis of REDIS_URL is not ours to strike; unset REDIS_URL',
  );
  await expect(planOf({ ...struck, faults: [parseFault('kill-node@1s')] })).resolves.toMatchObject({});
});

test('what clients say must fit a command', async () => {
  const path = join(folder, 'wordy.json');
  const feed = {
    kind: 'conversation',
    messagesPerSecond: 5,
    roomSize: 4,
    burst: 1,
    directShare: 0,
    typingShare: 0,
    visitsPerSecond: 0,
    visitSeconds: 1,
  };
  const said = (bytes: number): void =>
    writeFileSync(
      path,
      JSON.stringify({ description: 'x', clients: 8, feed, payload: { kind: 'chat-messages', bytes } }),
    );
  said(70_000);
  await expect(planOf({ scenarios: [path] })).rejects.toThrow(
    `${path}: payload.bytes: what clients say has 65024 bytes at most, not 70000`,
  );
  said(65_024);
  await expect(planOf({ scenarios: [path] })).resolves.toMatchObject({});
  const rounds = { kind: 'rounds', messagesPerSecond: 20, roomSize: 8, publisherShare: 0, clientsSayTo: 'room' };
  const clientsPayload = { kind: 'cursors', bytes: 70_000 };
  writeFileSync(path, JSON.stringify({ description: 'x', clients: 8, feed: { ...rounds, clientsPayload } }));
  await expect(planOf({ scenarios: [path] })).rejects.toThrow(/feed\.clientsPayload\.bytes: what clients say/);
});

test(
  'behind a balancer there are several nodes, unless a backplane was asked for; what it is compared with has as many',
  needs(findProgram('nginx') !== undefined, 'no nginx here'),
  async () => {
    const scenarios = [scenario('balanced', [{ backplane: 'memory', shape: 'websocket' }])];
    const transports = ['websocket'] as const;
    expect(keysOf(await planOf({ scenarios, transports, asked: { balancer: ['none', 'nginx'] } }))).toEqual([
      'websocket/redis/nodes=3',
      'websocket/redis/nodes=3/balancer=nginx/tuning=stock',
      'websocket/redis/nodes=3/balancer=nginx',
    ]);
    const asked = { balancer: ['nginx'], tuning: ['tuned'] } as const;
    const alone = await planOf({ scenarios, transports, asked, backplanes: ['memory'] });
    expect(keysOf(alone)).toEqual(['websocket/memory/balancer=nginx']);
  },
);
