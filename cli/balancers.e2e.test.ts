import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProgram } from '../load/machine/programs.ts';
import { auditFaults } from '../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial } from '../scenarios/result/result.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

const missing = ['nginx', 'haproxy', 'redis-server'].find((program) => findProgram(program) === undefined);
const OPTIONS = { ...needs(missing === undefined, `no ${missing} is installed`), ...REAL_TIME, timeout: 120_000 };
const WORDS = ['--clients', '12', '--warm-up', '1s', '--duration', '1500ms', '--trials', '1'];

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-balancers-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

async function measured(words: readonly string[]): Promise<MeasuredTrial[]> {
  const exit = await runFeedbench(['run', 'ticker', ...WORDS, ...words, '--out', out]);
  expect([exit.code, exit.code === 0 ? '' : exit.stderr]).toEqual([0, '']);
  return (await readLatest(out)).trials.filter(isMeasured);
}

function total(trial: MeasuredTrial, id: 'balancerConnections' | 'balancerBytesDown' | 'answers'): number {
  return (trial.countersPerBin[id] ?? []).reduce((sum, count) => sum + count, 0);
}

test(
  'both balancers in one run: nothing is lost, and what HAProxy holds back of a stream as it comes is named',
  OPTIONS,
  async () => {
    const trials = await measured(['--transport', 'sse', '--balancer', 'nginx,haproxy']);
    expect(
      trials.map(({ variant: { values } }) => [values['nodes'], values['balancer'], values['tuning'] ?? 'tuned']),
    ).toEqual([
      [3, 'nginx', 'stock'],
      [3, 'nginx', 'tuned'],
      [3, 'haproxy', 'stock'],
      [3, 'haproxy', 'tuned'],
    ]);
    for (const trial of trials) {
      expect(auditFaults(trial.audit)).toBe(0);
      const balancer = trial.processes.find(({ role }) => role === 'balancer');
      expect(balancer?.rssBytesBeforeRamp).toBeGreaterThan(1e6);
      expect(balancer?.cpuNsPerBin.some((ns) => ns > 0)).toBe(true);
      const { balancerBytesDown } = trial.sources;
      expect(balancerBytesDown?.kind === 'n/a' || total(trial, 'balancerBytesDown') > 10_000).toBe(true);
    }
    const page = await readFile(join(out, 'latest', 'index.html'), 'utf8');
    expect(page).toContain('Server-Sent Events behind HAProxy with stock settings is held back: half of all messages');
    expect(page).not.toContain('behind nginx with stock settings is held back');
  },
);

test(
  'polls of Socket.IO find their node again with tuned settings, and a node that dies is no end',
  OPTIONS,
  async () => {
    const words = ['--transport', 'socketio', '--shape', 'polling', '--balancer', 'nginx', '--tuning', 'tuned'];
    const [trial] = await measured([...words, '--fault', 'kill-node:2@500ms+500ms', '--reconnect', 'full']);
    expect(trial?.audit).toMatchObject({ lost: 0, duplicated: 0 });
    expect(trial?.disruption?.episodes[0]).toMatchObject({ neverBack: 0 });
  },
);
