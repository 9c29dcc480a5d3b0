import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNetwork } from '../load/machine/network.ts';
import { errorMessage } from '../scenarios/failures.ts';
import { NO_LINK } from '../scenarios/path/links.ts';
import { isMeasured, type MeasuredTrial } from '../scenarios/result/result.ts';
import { auditFaults } from '../scenarios/result/audit-counts.ts';
import { needs, REAL_TIME } from '../scenarios/testing/conditions.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

const MS = 1e6;
const DELAY_NS = 50 * MS;
const WORDS = ['--transport', 'polling,long-polling,websocket', '--poll', '500ms', '--clients', '10'];
const LINK = ['--delay', '50ms', '--warm-up', '1s', '--duration', '2s'];

/** Mean and least staleness by transport. */
function stalenessOf(trials: readonly MeasuredTrial[]): Record<string, { meanNs: number; minNs: number }> {
  return Object.fromEntries(
    trials.map(({ variant, histograms: { staleness } }) => [
      variant.transport,
      { meanNs: (staleness?.sumNs ?? Number.NaN) / (staleness?.count ?? 0), minNs: staleness?.minNs ?? Number.NaN },
    ]),
  );
}

const whyNoLink = await open();

/** Why this machine makes no link; undefined where it does. */
async function open(): Promise<string | undefined> {
  try {
    const order = { link: { ...NO_LINK, delayNs: MS }, seed: 1, onTrouble: () => undefined };
    await (await openNetwork({ order }))[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

test('over 50 ms each way a push is late by one transit, a held answer by up to three, and a poll by half an interval and one', {
  ...needs(whyNoLink === undefined, whyNoLink ?? ''),
  ...REAL_TIME,
  timeout: 60_000,
}, async () => {
  const out = await mkdtemp(join(tmpdir(), 'feedbench-link-'));
  try {
    const exit = await runFeedbench(['run', 'ticker', ...WORDS, ...LINK, '--out', out]);
    expect([exit.code, exit.code === 0 ? '' : exit.stderr]).toEqual([0, '']);
    const trials = (await readLatest(out)).trials.filter(isMeasured);
    expect(trials.map(({ audit }) => auditFaults(audit))).toEqual([0, 0, 0]);
    for (const { link, oneWayDelayNs } of trials) {
      expect(link?.made.delayNs).toBe(oneWayDelayNs);
      expect(oneWayDelayNs).toBeGreaterThan(DELAY_NS);
      expect(oneWayDelayNs).toBeLessThan(1.2 * DELAY_NS);
      expect(link?.carried).toMatchObject({ failed: 0, down: { lost: 0, dropped: 0 }, up: { lost: 0, dropped: 0 } });
    }
    const { polling, 'long-polling': held, websocket } = stalenessOf(trials);
    // Nothing is there before it could be; other programs of a busy machine can only add to it.
    for (const { minNs } of [polling, held, websocket].flatMap((one) => one ?? []))
      expect(minNs).toBeGreaterThan(DELAY_NS);
    expect(websocket?.meanNs).toBeLessThan(1.3 * DELAY_NS);
    // A message every 50 ms, a request every 100 ms: half of that and one transit, more or less half of 50 ms where they keep step.
    expect(held?.meanNs).toBeGreaterThan(1.45 * DELAY_NS);
    expect(held?.meanNs).toBeLessThan(2.8 * DELAY_NS);
    expect(polling?.meanNs).toBeGreaterThan(0.9 * 300 * MS);
    expect(polling?.meanNs).toBeLessThan(1.2 * 300 * MS);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
