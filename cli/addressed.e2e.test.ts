import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sum } from '../reports/figures/figure.ts';
import { isMeasured, type MeasuredTrial } from '../scenarios/result/result.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-addressed-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

async function trialOf(scenario: string, options: readonly string[]): Promise<MeasuredTrial> {
  const length = ['--trials', '1', '--warm-up', '1s'];
  const exit = await runFeedbench(['run', scenario, ...length, '--out', out, ...options]);
  expect(exit.code).toBe(0);
  const trial = (await readLatest(out)).trials.find(isMeasured);
  if (trial === undefined) throw new TypeError('a trial was measured');
  return trial;
}

const CLEAN = { lost: 0, duplicated: 0, reordered: 0, misplaced: 0, corrupted: 0, foreign: 0 };

test('streams that are cut at the twentieth come whole all the same, through the library of the transport', async () => {
  const options = ['--clients', '40', '--transport', 'sse', '--generator', 'library', '--duration', '3s'];
  const { audit, countersPerBin, histograms, sessionEnds } = await trialOf('tokens', options);
  expect(audit).toMatchObject(CLEAN);
  expect(audit.received).toBe(audit.expected);
  expect(sum(countersPerBin.cuts ?? [])).toBeGreaterThan(0);
  expect(histograms.resumption?.minNs).toBeGreaterThan(900e6);
  expect(histograms.toFirst?.count).toBeGreaterThan(0);
  expect(sessionEnds).toEqual([]);
});

test('in a game a publisher and players have each their part, and both are in the audit', async () => {
  const options = ['--clients', '32', '--transport', 'ws', '--frames', 'binary', '--duration', '2s'];
  const { audit, countersPerBin } = await trialOf('game', options);
  // A sixteenth of 320 a second goes to the 32 of the one room; all of it was due in 3 s.
  expect(audit).toMatchObject({ ...CLEAN, published: 960, expected: 60 * 32, unanswered: 0, refused: 0 });
  expect(sum(countersPerBin.acknowledged ?? [])).toBeGreaterThan(500);
});
