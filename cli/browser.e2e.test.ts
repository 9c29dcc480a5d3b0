import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditFaults } from '../scenarios/result/audit-counts.ts';
import { isMeasured, sourceOf } from '../scenarios/result/result.ts';
import { NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { findDescendant, readLatest, runFeedbench, startFeedbench } from './testing/feedbench-process.ts';

/** Trials whose clients are pages. */

const SMALL = ['--generator', 'browser', '--clients', '2', '--backplane', 'memory', '--warm-up', '1s'];

let folder: string;
/** Where programs put what they need for a while. */
let temporary: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-browser-'));
  temporary = join(folder, 'temporary');
  await mkdir(temporary);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.each([
  { words: ['--clients', '51'], env: {}, code: 2, says: /it plays 50 clients at most/ },
  { words: [], env: { CHROMIUM: '/nowhere' }, code: 3, says: /CHROMIUM names \/nowhere, which cannot be run/ },
])('$words, $env: exit code $code', async ({ words, env, code, says }) => {
  const exit = await runFeedbench(['run', 'ticker', '--transport', 'ws', ...SMALL, ...words, '--out', folder], { env });
  expect(exit.stderr).toMatch(says);
  expect(exit.code).toBe(code);
});

describe('in Chromium', { ...NEEDS_CHROMIUM, timeout: 60_000 }, () => {
  test('pages hear every message, and nothing of theirs is left', async () => {
    const words = ['run', 'ticker', '--transport', 'ws', ...SMALL, '--duration', '2s', '--out', folder];
    const exit = await runFeedbench(words, { env: { TMPDIR: temporary } });
    expect(exit.stderr).not.toMatch(/feedbench:/);
    expect(exit.code).toBe(0);
    const trial = (await readLatest(folder)).trials.find(isMeasured);
    if (trial === undefined) throw new Error('no trial was measured');
    // Three seconds of 20 a second.
    expect(trial.audit).toMatchObject({ expected: 120, received: 120 });
    expect(auditFaults(trial.audit)).toBe(0);
    expect(sourceOf(trial, 'transportBytesDown')).toMatchObject({ kind: 'n/a' });
    expect(trial.histograms.staleness?.count).toBeGreaterThan(0);
    expect(await readdir(temporary)).toEqual([]);
  });

  test('pages hear every message and talk over HTTP/2, WebSockets in streams of it', async () => {
    const path = ['--http', '2', '--tls', 'tls1.3', '--transport', 'sse,ws', '--trials', '1'];
    const words = ['run', 'chat', ...SMALL, ...path, '--duration', '2s', '--out', folder];
    const exit = await runFeedbench(words);
    expect(exit.stderr).not.toMatch(/feedbench:/);
    expect(exit.code).toBe(0);
    const trials = (await readLatest(folder)).trials.filter(isMeasured);
    expect(trials.map(({ variant: { values } }) => [values['http'], values['tls']])).toEqual(
      Array.from({ length: 2 }, () => ['2', 'tls1.3']),
    );
    for (const trial of trials) {
      expect(trial.audit.received).toBeGreaterThan(0);
      expect(auditFaults(trial.audit)).toBe(0);
      expect(sourceOf(trial, 'fullHandshakes')).toMatchObject({ kind: 'n/a' });
    }
  });

  test('without TLS no page speaks HTTP/2, and that is said', async () => {
    const words = ['run', 'ticker', '--transport', 'ws', ...SMALL, '--http', '2', '--out', folder];
    const exit = await runFeedbench(words);
    expect(exit.stdout + exit.stderr).toContain('a browser speaks HTTP/2 over TLS alone: add --tls tls1.3');
    expect(exit.code).toBe(2);
  });

  test('a Chromium that dies ends its trial, with a line that says so', async () => {
    const words = ['run', 'ticker', '--transport', 'ws', ...SMALL, '--duration', '30s', '--out', folder];
    const run = startFeedbench(words);
    await run.printed(/trial 1\/1/);
    await expect.poll(() => chromiumOf(run.pid), { timeout: 20_000 }).toBeDefined();
    process.kill(chromiumOf(run.pid) ?? 0, 'SIGKILL');
    const { code, stdout, stderr } = await run.exited;
    expect(stdout + stderr).toMatch(/Chromium ended by itself|Chromium has ended/);
    expect(code).toBe(4);
  });
});

function chromiumOf(pid: number): number | undefined {
  try {
    return findDescendant(pid, /chrom.*--remote-debugging-pipe(?!.*--type=)/);
  } catch {
    return undefined;
  }
}
