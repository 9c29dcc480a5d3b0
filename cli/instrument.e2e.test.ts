import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { REAL_TIME } from '../scenarios/testing/conditions.ts';
import { Histogram } from '../scenarios/measures/histogram.ts';
import type { CounterId, HistogramId } from '../scenarios/measures/metrics.ts';
import { verdictOf } from '../reports/figures/verdict.ts';
import { inWindow, type MeasuredTrial, sourceOf } from '../scenarios/result/result.ts';
import { connected, loadCoreOf, processOf, standStill } from './testing/disturbance.ts';
import { type FeedbenchProcess, readLatest, startFeedbench } from './testing/feedbench-process.ts';

/** The instrument measured: what is done to a trial on purpose has to show in its figures, and nowhere else. */
const STALL_MS = 1400;

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-instrument-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

const WORKER = /worker-process\.ts/;
const CLIENTS = 200;
const WARM_UP_MS = 2000;
const WORDS = ['run', 'ticker', '--transport', 'ws', '--backplane', 'memory', '--clients', String(CLIENTS)];

/** A WebSocket trial in which something is done, after so long from the moment when its clients are connected. */
async function runWith(
  disturb: (run: FeedbenchProcess) => Promise<void>,
  { afterMs, durationS }: { afterMs: number; durationS: number },
): Promise<MeasuredTrial> {
  const run = startFeedbench([...WORDS, '--warm-up', '2s', '--duration', `${durationS}s`, '--out', out]);
  await connected(run, CLIENTS);
  await setTimeout(afterMs);
  await disturb(run);
  const { code, stderr } = await run.exited;
  expect(stderr).not.toMatch(/feedbench:/);
  expect(code).toBe(0);
  const [trial] = (await readLatest(out)).trials;
  if (trial?.state !== 'measured') throw new Error(`not measured: ${JSON.stringify(trial)}`);
  return trial;
}

/** The stall may fall anywhere into the window. */
async function runWithStall(victim: RegExp): Promise<MeasuredTrial> {
  return runWith(async (run) => standStill(await processOf(run, victim), STALL_MS), {
    afterMs: WARM_UP_MS + 2000,
    durationS: 7,
  });
}

function codesOf(trial: MeasuredTrial): readonly string[] {
  const verdict = verdictOf(trial, {});
  return verdict.state === 'suspect' ? verdict.reasons.map(({ code }) => code) : [];
}

function histogram(trial: MeasuredTrial, id: HistogramId): Histogram {
  const snapshot = trial.histograms[id];
  if (snapshot === undefined) throw new Error(`no ${id} was recorded`);
  return Histogram.from(snapshot);
}

test('a server that stands still shows in staleness and in delivery, and not as lateness', {
  ...REAL_TIME,
  timeout: 60_000,
}, async () => {
  const trial = await runWithStall(/node-process\.ts/);
  const staleness = histogram(trial, 'staleness');
  expect(staleness.percentileNs(99)).toBeGreaterThan(1e9);
  expect(staleness.maxNs).toBeLessThan((STALL_MS + 600) * 1e6);
  expect(staleness.percentileNs(50)).toBeLessThan(100e6);
  expect(histogram(trial, 'delivery').percentileNs(99)).toBeGreaterThan(1e9);
  expect(histogram(trial, 'lateness').percentileNs(99)).toBeLessThan(100e6);
  expectEvenlySlow(trial, staleness);
  expect(codesOf(trial)).not.toContain('stalled');
});

/** Messages fall due evenly while the server stands still, so their staleness is spread evenly up to the stall. */
function expectEvenlySlow(trial: MeasuredTrial, staleness: Histogram): void {
  const slowShare = (STALL_MS * 20) / 1000 / trial.dueInWindow;
  const halfOfThem = staleness.percentileNs(100 * (1 - slowShare / 2));
  expect(Math.abs(halfOfThem - (STALL_MS / 2) * 1e6)).toBeLessThan(200e6);
}

test('a publisher that stands still shows as lateness, and leaves delivery alone', {
  ...REAL_TIME,
  timeout: 60_000,
}, async () => {
  const trial = await runWithStall(/publisher-process\.ts/);
  expect(histogram(trial, 'lateness').percentileNs(99)).toBeGreaterThan(1e9);
  expect(histogram(trial, 'staleness').percentileNs(99)).toBeGreaterThan(1e9);
  expect(histogram(trial, 'delivery').percentileNs(99)).toBeLessThan(500e6);
  expect(trial.audit.lost).toBe(0);
  expect(codesOf(trial)).toContain('publisher-late');
});

test('a worker that stands still makes its trial suspect, and its bytes stay where its deliveries are', {
  ...REAL_TIME,
  timeout: 60_000,
}, async () => {
  // Over the edge at which the window begins.
  const trial = await runWith(async (run) => standStill(await processOf(run, WORKER), 2200), {
    afterMs: WARM_UP_MS - 800,
    durationS: 4,
  });
  expect(codesOf(trial)).toContain('stalled');
  const { deliveries = [], transportBytesDown = [] } = trial.countersPerBin;
  const bytesPerDelivery = sum(transportBytesDown) / sum(deliveries);
  // The first chunk that is read after an edge is counted before it: of 200 clients with 20 messages a second, one.
  for (const [bin, bytes] of transportBytesDown.entries())
    expect(Math.abs(bytes - bytesPerDelivery * (deliveries[bin] ?? 0))).toBeLessThan(70_000);
});

test('a worker that has to share its core with a busy program makes its trial suspect', {
  ...REAL_TIME,
  timeout: 60_000,
}, async () => {
  const ends: (() => Promise<void>)[] = [];
  try {
    const trial = await runWith(async (run) => void ends.push(await loadCoreOf(await processOf(run, WORKER))), {
      afterMs: 0,
      durationS: 4,
    });
    // The busy program is a load on the trial's cores in any case; how long the worker waits is the scheduler's choice.
    expect(codesOf(trial)).toContain('foreign-load');
    const worker = trial.processes.find(({ role }) => role === 'worker');
    expect(worker?.eventLoop?.delayP99Ns).toBeGreaterThan(2e6);
    expect(sum(inWindow(trial, worker?.waitNsPerBin ?? []))).toBeGreaterThan(0.1e9);
  } finally {
    for (const end of ends) await end();
  }
});

test.each([
  { where: 'within the window', afterMs: WARM_UP_MS + 1500, isSuspect: false },
  { where: 'over its first edge', afterMs: WARM_UP_MS - 800, isSuspect: true },
])(
  'a coordinator that is stopped $where reports the true bytes',
  { ...REAL_TIME, timeout: 60_000 },
  async ({ afterMs, isSuspect }) => {
    const trial = await runWith(async ({ pid }) => standStill(pid, 2200), { afterMs, durationS: 5 });
    const total = (id: CounterId): number => sum(inWindow(trial, trial.countersPerBin[id]));
    const transport = total('transportBytesDown') + total('transportBytesUp');
    // 66 bytes a segment; where there is no private network there is no wire to be wrong about.
    const packets = total('wirePacketsDown') + total('wirePacketsUp');
    const wire = total('wireBytesDown') + total('wireBytesUp');
    const missing = sourceOf(trial, 'wireBytesDown').kind === 'n/a' ? 0 : (transport + 66 * packets - wire) / transport;
    expect(Math.abs(missing)).toBeLessThan(0.03);
    expect(codesOf(trial).includes('late-edge')).toBe(isSuspect);
    const lateNs = trial.machine?.edgeLatenessNs ?? [];
    expect(Math.max(...lateNs)).toBeGreaterThan(1e9);
  },
);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
