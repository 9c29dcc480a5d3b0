import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isMeasured, type MeasuredTrial, sourceOf } from '../scenarios/result/result.ts';
import { REAL_TIME } from '../scenarios/testing/conditions.ts';
import { TRANSPORT_IDS } from '../servers/registry.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

/** So few that they are not measured once more with fewer. */
const SMALL = ['--clients', '2', '--duration', '2s', '--warm-up', '1s', '--poll', '500ms', '--backplane', 'memory'];

let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-library-'));
});

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

test('the libraries see the same messages as the native generator, in every variant', {
  ...REAL_TIME,
  timeout: 240_000,
}, async () => {
  const exit = await runFeedbench(['run', 'ticker', '--generator', 'native,library', ...SMALL, '--out', out]);
  expect(exit.stderr).not.toMatch(/feedbench:/);
  expect(exit.code).toBe(0);
  const trials = (await readLatest(out)).trials.filter(isMeasured);
  const by = (wanted: string): MeasuredTrial[] => trials.filter(({ generator }) => generator === wanted);
  const [native, library] = [by('native'), by('library')];
  expect(new Set(native.map(({ variant }) => variant.transport))).toEqual(new Set(TRANSPORT_IDS));
  expect(library.map(({ variant }) => variant)).toEqual(native.map(({ variant }) => variant));
  for (const [index, trial] of library.entries()) {
    expect(trial.audit).toEqual(native[index]?.audit);
    expect(trial.audit).toMatchObject({ expected: 120, received: 120, lost: 0, foreign: 0 });
    for (const bytes of ['transportBytesDown', 'transportBytesUp'] as const)
      expect(sourceOf(trial, bytes).kind).toBe('measured');
    expect(Math.abs(meanStalenessNs(trial) - meanStalenessNs(native[index]))).toBeLessThan(20e6);
  }
  expect(await readFile(join(out, 'latest/index.html'), 'utf8')).toContain('Second opinions');
});

/** Two clients are few enough for a library to add next to nothing. */
function meanStalenessNs(trial: MeasuredTrial | undefined): number {
  const staleness = trial?.histograms.staleness;
  return staleness === undefined ? Number.NaN : staleness.sumNs / staleness.count;
}
