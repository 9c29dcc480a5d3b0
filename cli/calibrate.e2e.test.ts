import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noisePath, readNoise } from '../load/machine/noise-file.ts';
import { thisMachine } from '../load/machine/environment.ts';
import { REAL_TIME } from '../scenarios/testing/conditions.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-calibrate-'));
  env = { XDG_STATE_HOME: join(folder, 'state') };
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const SMALL = ['--clients', '4', '--duration', '1s', '--warm-up', '100ms'];

const TIMES = { ...REAL_TIME, timeout: 120_000 };

test('a calibration is kept as the history of this machine, and single trials are told of it', TIMES, async () => {
  const out = join(folder, 'results');
  const words = ['calibrate', 'ticker', '--campaigns', '1', '--trials', '2', ...SMALL];
  const exit = await runFeedbench([...words, '--out', out], { env });
  expect(exit.stdout).toMatch(/1 campaign, polling in every other one: about/);
  expect(exit.stdout).toMatch(/wire bytes per message {2}in \d of 1 \(asked: all\)/);
  expect(exit.stdout).toMatch(/staleness\.p50 +held requests, push +windows of 1\.00 s: × \d/);
  // So few clients and so short windows may leave out the truth by chance.
  expect([0, 7]).toContain(exit.code);
  expect(await readdir(out)).toHaveLength(1);
  const campaigns = readNoise(noisePath(env));
  expect(campaigns).toHaveLength(1);
  expect(campaigns[0]).toMatchObject({ machine: thisMachine(), windowNs: 1e9 });
  const single = ['run', 'ticker', '--transport', 'ws', '--backplane', 'memory', '--trials', '1', ...SMALL];
  await runFeedbench([...single, '--out', join(folder, 'single')], { env });
  const { noise } = await readLatest(join(folder, 'single'));
  expect(noise.map(({ classId, metric }) => `${classId} ${metric}`)).toContain('prompt staleness.p50');
  expect(readNoise(noisePath(env))).toHaveLength(1);
});

test('a history that is broken is said before anything is measured', async () => {
  const broken = { XDG_STATE_HOME: join(folder, 'broken') };
  const path = noisePath(broken);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '{');
  const exit = await runFeedbench(['calibrate', ...SMALL], { env: broken });
  expect(exit.code).toBe(3);
  expect(exit.stderr).toMatch(/^feedbench: cannot read this machine's history .*delete it[^\n]*\n$/);
});

test('a budget that has no room for a campaign is refused, and so is a history that cannot be written', async () => {
  const short = await runFeedbench(['calibrate', '--budget', '1s'], { env });
  expect(short.code).toBe(2);
  expect(short.stderr).toMatch(/^feedbench: --budget 1\.00 s is too short: a campaign takes about [^\n]*\n$/);
  const exit = await runFeedbench(['calibrate', ...SMALL], { env: { XDG_STATE_HOME: '/dev/null/state' } });
  expect(exit.code).toBe(3);
  expect(exit.stderr).toMatch(/^feedbench: cannot (?:read|write) this machine's history [^\n]*\n$/);
});
