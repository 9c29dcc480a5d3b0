import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findK6 } from '../load/k6/program.ts';
import { whyNoScript } from '../load/k6/scripts.ts';
import { auditFaults } from '../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial, sourceOf } from '../scenarios/result/result.ts';
import { REAL_TIME } from '../scenarios/testing/conditions.ts';
import { TRANSPORT_IDS } from '../servers/registry.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

/** Every generator beside the native one, in one run: they see the same messages, and the same staleness. */

const hasK6 = (await findK6().catch(() => undefined)) !== undefined;
if (!hasK6) process.stderr.write('no k6: only the libraries are held against the native generator\n');
/** Those that k6 drives, where all values are usual. */
const ofK6 = TRANSPORT_IDS.filter((transport) => hasK6 && whyNoScript({ transport, values: {} }) === undefined);
/** So few that they are not measured once more with fewer. */
const SMALL = ['--clients', '2', '--duration', '2s', '--warm-up', '1s', '--poll', '500ms', '--backplane', 'memory'];
/** Three seconds of 20 a second. */
const MESSAGES = 2 * 60;

let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-generators-'));
});

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

test('libraries and k6 see the same messages as the native generator, in every variant', {
  ...REAL_TIME,
  timeout: 240_000,
}, async () => {
  const generators = ['native', 'library', ...(hasK6 ? ['k6'] : [])];
  const exit = await runFeedbench(['run', 'ticker', '--generator', generators.join(','), ...SMALL, '--out', out]);
  expect(exit.stderr).not.toMatch(/feedbench:/);
  expect(exit.code).toBe(0);
  const trials = (await readLatest(out)).trials.filter(isMeasured);
  for (const { audit } of trials) {
    expect(audit).toMatchObject({ expected: MESSAGES, received: MESSAGES });
    expect(auditFaults(audit)).toBe(0);
  }
  const by = (wanted: string): MeasuredTrial[] => trials.filter(({ generator }) => generator === wanted);
  const [native, library, k6] = [by('native'), by('library'), by('k6')];
  expect(new Set(native.map(({ variant }) => variant.transport))).toEqual(new Set(TRANSPORT_IDS));
  expect(library.map(({ variant }) => variant)).toEqual(native.map(({ variant }) => variant));
  expect(new Set(k6.map(({ variant }) => variant.transport))).toEqual(new Set(ofK6));
  for (const trial of library)
    for (const bytes of ['transportBytesDown', 'transportBytesUp'] as const)
      expect(sourceOf(trial, bytes).kind).toBe('measured');
  // It tells no bytes on the way up, and no body is kept to be looked at.
  for (const trial of k6)
    expect([sourceOf(trial, 'transportBytesUp').kind, trial.audit.corrupted]).toEqual(['n/a', null]);
  for (const trial of [...library, ...k6]) expectSameStaleness(trial, native);
  expect(await readFile(join(out, 'latest/index.html'), 'utf8')).toContain('Second opinions');
});

/** Two clients are few enough for any generator to add next to nothing. */
function expectSameStaleness(trial: MeasuredTrial, native: readonly MeasuredTrial[]): void {
  const same = native.find(({ variant }) => isDeepStrictEqual(variant, trial.variant));
  expect(Math.abs(meanStalenessNs(trial) - meanStalenessNs(same))).toBeLessThan(20e6);
}

function meanStalenessNs(trial: MeasuredTrial | undefined): number {
  const staleness = trial?.histograms.staleness;
  return staleness === undefined ? Number.NaN : staleness.sumNs / staleness.count;
}
