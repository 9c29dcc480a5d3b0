import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNetwork } from '../load/machine/network.ts';
import { findProgram } from '../load/machine/programs.ts';
import { auditFaults } from '../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial } from '../scenarios/result/result.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

const CLIENTS = 60;
const WORDS = ['--clients', String(CLIENTS), '--backplane', 'redis', '--warm-up', '1s', '--duration', '4s'];
/** Where the system forbids namespaces there is no wire to cut. */
const { link, [Symbol.asyncDispose]: close } = await openNetwork();
await close();

const OPTIONS = {
  ...needs(findProgram('redis-server') !== undefined, 'no redis-server is installed'),
  ...REAL_TIME,
  timeout: 60_000,
};

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-storm-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

async function stormed(words: readonly string[]): Promise<MeasuredTrial[]> {
  const exit = await runFeedbench(['run', 'storm', ...WORDS, ...words, '--out', out]);
  expect([exit.code, exit.code === 0 ? '' : exit.stderr]).toEqual([0, '']);
  return (await readLatest(out)).trials.filter(isMeasured);
}

test(
  'nodes that are killed and started again: everybody is back, nothing is lost or comes twice, and no trial has failed',
  OPTIONS,
  async () => {
    const faults = ['--fault', 'kill-node:2@500ms,restart-node@2s'];
    const trials = await stormed(['--transport', 'websocket,sse', '--reconnect', 'full', ...faults]);
    expect(trials).toHaveLength(2);
    for (const { variant, audit, disruption, processes, window } of trials) {
      const [killed, restarted] = disruption?.episodes ?? [];
      expect([variant.transport, auditFaults(audit), audit.subscribers]).toEqual([variant.transport, 0, CLIENTS]);
      expect([killed?.node, killed?.dropped, killed?.neverBack]).toEqual([2, CLIENTS / 3, 0]);
      expect(killed?.connectedNs[100]).toBeLessThan(2e9);
      expect(killed?.caughtUpNs[100]).toBeGreaterThanOrEqual(killed?.connectedNs[100] ?? Number.NaN);
      expect(restarted?.undoneNs).toBeGreaterThan(restarted?.doneNs ?? Number.NaN);
      // Its own, and who had come to it from the one that was killed.
      expect(restarted?.dropped).toBeGreaterThanOrEqual(CLIENTS / 3);
      expect(restarted?.neverBack).toBe(0);
      const code = variant.transport === 'websocket' ? 'websocket-close' : 'connection-closed';
      expect(restarted?.ends).toEqual([expect.objectContaining({ end: expect.objectContaining({ code }) as unknown })]);
      const ofNode3 = processes.filter(({ name }) => name === 'node 3');
      expect(ofNode3.map(({ cpuNsPerBin }) => cpuNsPerBin.length)).toEqual([window.bins, window.bins]);
    }
  },
);

test('a Redis that stands still and a wire that is cut make everybody late, and nobody misses anything', {
  ...OPTIONS,
  ...(link === undefined && needs(false, 'the system forbids namespaces')),
}, async () => {
  const faults = ['--fault', 'stop-redis@500ms+1s,cut-link@2s+500ms'];
  const [trial] = await stormed(['--transport', 'websocket', '--reconnect', 'none', ...faults]);
  const { episodes } = trial?.disruption ?? { episodes: [] };
  expect(auditFaults(trial?.audit ?? ({} as MeasuredTrial['audit']))).toBe(0);
  expect(episodes.map(({ fault, dropped }) => [fault.kind, dropped])).toEqual([
    ['stop-redis', 0],
    ['cut-link', 0],
  ]);
  for (const { fault, doneNs, undoneNs } of episodes)
    expect(Math.abs((undoneNs ?? 0) - doneNs - (fault.forNs ?? 0))).toBeLessThan(0.3e9);
  const staleness = trial?.histogramsPerBin.staleness ?? [];
  // The messages of the second in which Redis stood still came when it went on, and no sooner.
  expect(Math.max(...staleness.map((bin) => bin?.maxNs ?? 0))).toBeGreaterThan(0.6e9);
});
