import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Histogram } from '../scenarios/measures/histogram.ts';
import type { HistogramId } from '../scenarios/measures/metrics.ts';
import type { MeasuredTrial } from '../scenarios/result/result.ts';
import { findDescendant, readLatest, startFeedbench } from './testing/feedbench-process.ts';

/** The instrument measured: what is done to a trial on purpose has to show in its figures, and nowhere else. */
const STALL_MS = 1400;

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-instrument-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

/** A WebSocket trial of 15 s in which the process that fits `victim` stands still for 1.4 s. */
async function runWithStall(victim: RegExp): Promise<MeasuredTrial> {
  const words = ['run', 'ticker', '--transport', 'ws', '--backplane', 'memory', '--duration', '15s', '--warm-up', '2s'];
  const run = startFeedbench([...words, '--out', out]);
  await run.printed(/trial 1\/1/);
  // Processes start and connect within some seconds; the stall may fall anywhere into the window.
  await setTimeout(8000);
  const pid = findDescendant(run.pid, victim);
  process.kill(pid, 'SIGSTOP');
  await setTimeout(STALL_MS);
  process.kill(pid, 'SIGCONT');
  const { code, stderr } = await run.exited;
  expect(stderr).not.toMatch(/feedbench:/);
  expect(code).toBe(0);
  const [trial] = (await readLatest(out)).trials;
  if (trial?.state !== 'measured') throw new Error(`not measured: ${JSON.stringify(trial)}`);
  return trial;
}

function histogram(trial: MeasuredTrial, id: HistogramId): Histogram {
  const snapshot = trial.histograms[id];
  if (snapshot === undefined) throw new Error(`no ${id} was recorded`);
  return Histogram.from(snapshot);
}

test('a server that stands still shows in staleness and in delivery, and not as lateness', async () => {
  const trial = await runWithStall(/node-process\.ts/);
  const staleness = histogram(trial, 'staleness');
  expect(staleness.percentileNs(99)).toBeGreaterThan(1e9);
  expect(staleness.maxNs).toBeLessThan((STALL_MS + 600) * 1e6);
  expect(staleness.percentileNs(50)).toBeLessThan(100e6);
  expect(histogram(trial, 'delivery').percentileNs(99)).toBeGreaterThan(1e9);
  expect(histogram(trial, 'lateness').percentileNs(99)).toBeLessThan(100e6);
  expectEvenlySlow(trial, staleness);
}, 60_000);

/** Messages fall due evenly while the server stands still, so their staleness is spread evenly up to the stall. */
function expectEvenlySlow(trial: MeasuredTrial, staleness: Histogram): void {
  const slowShare = (STALL_MS * 20) / 1000 / trial.dueInWindow;
  const halfOfThem = staleness.percentileNs(100 * (1 - slowShare / 2));
  expect(Math.abs(halfOfThem - (STALL_MS / 2) * 1e6)).toBeLessThan(200e6);
}

test('a publisher that stands still shows as lateness, and leaves delivery alone', async () => {
  const trial = await runWithStall(/publisher-process\.ts/);
  expect(histogram(trial, 'lateness').percentileNs(99)).toBeGreaterThan(1e9);
  expect(histogram(trial, 'staleness').percentileNs(99)).toBeGreaterThan(1e9);
  expect(histogram(trial, 'delivery').percentileNs(99)).toBeLessThan(500e6);
  expect(trial.audit.lost).toBe(0);
}, 60_000);
