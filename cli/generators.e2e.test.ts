import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findK6 } from '../load/k6/program.ts';
import { whyNoScript } from '../load/k6/scripts.ts';
import { auditFaults } from '../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial, sourceOf } from '../scenarios/result/result.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { TRANSPORT_IDS } from '../servers/registry.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

/** Every generator beside the native one: they see the same messages, and the same staleness. */

const hasK6 = (await findK6().catch(() => undefined)) !== undefined;
if (!hasK6) process.stderr.write('no k6: only the libraries are held against the native generator\n');
/** Those that k6 drives, where all values are usual. */
const ofK6 = TRANSPORT_IDS.filter((transport) => hasK6 && whyNoScript({ transport, values: {} }) === undefined);
const SMALL = ['--duration', '1s', '--warm-up', '1s', '--poll', '500ms', '--backplane', 'memory'];
/** So few that they are not measured once more with fewer. */
const FEW = 2;
/** Two seconds of 20 a second, to each client. */
const EACH = 40;

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-generators-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

async function measured(words: readonly string[]): Promise<MeasuredTrial[]> {
  const exit = await runFeedbench(['run', 'ticker', ...words, '--out', out]);
  expect(exit.stderr).not.toMatch(/feedbench:/);
  expect(exit.code).toBe(0);
  const trials = (await readLatest(out)).trials.filter(isMeasured);
  for (const { audit, clients } of trials) {
    expect(audit).toMatchObject({ expected: EACH * clients, received: EACH * clients });
    expect(auditFaults(audit)).toBe(0);
  }
  return trials;
}

test('libraries and k6 see the same messages as the native generator, in every variant', {
  ...REAL_TIME,
  timeout: 240_000,
}, async () => {
  const generators = ['native', 'library', ...(hasK6 ? ['k6'] : [])];
  const trials = await measured(['--generator', generators.join(','), '--clients', String(FEW), ...SMALL]);
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

test('k6 sees what the native generator sees with many clients too, and is held against it with few', {
  ...REAL_TIME,
  ...needs(hasK6, 'k6 of version 2 is not installed'),
  timeout: 120_000,
}, async () => {
  const many = ['--generator', 'native,k6', '--transport', 'ws', '--clients', '20'];
  const [native, k6, ...few] = await measured([...many, ...SMALL]);
  expect([native, k6, ...few].map((trial) => `${trial?.generator} ${trial?.clients}`)).toEqual([
    'native 20',
    'k6 20',
    `native ${FEW}`,
    `k6 ${FEW}`,
  ]);
  if (k6 !== undefined && native !== undefined) expectSameStaleness(k6, [native]);
});

/** So few clients are no load: any generator adds next to nothing. */
function expectSameStaleness(trial: MeasuredTrial, native: readonly MeasuredTrial[]): void {
  const same = native.find(({ variant }) => isDeepStrictEqual(variant, trial.variant));
  expect(Math.abs(meanStalenessNs(trial) - meanStalenessNs(same))).toBeLessThan(20e6);
}

function meanStalenessNs(trial: MeasuredTrial | undefined): number {
  const staleness = trial?.histograms.staleness;
  return staleness === undefined ? Number.NaN : staleness.sumNs / staleness.count;
}
