import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findK6 } from '../load/k6/program.ts';
import { isMeasured } from '../scenarios/result/result.ts';
import { TRANSPORT_IDS } from '../servers/registry.ts';
import { generatorRow } from '../load/registry.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';

const CLIENTS = 2;
/** Two seconds of 20 a second, and every tenth of them is served with the wrong body. */
const MESSAGES = 40;
const WRONG = 4;
const MISSERVING = new URL('testing/misserving-nodes.ts', import.meta.url).href;
const k6 = await findK6().catch(() => undefined);
const generators = k6 === undefined ? (['native'] as const) : (['native', 'k6'] as const);
/** Values that every generator can do with, so that each transport is one variant. */
const VALUES = { shape: 'websocket' } as const;
const pairs = TRANSPORT_IDS.flatMap((transport) =>
  generators
    .filter(
      (generator) =>
        generatorRow(generator).drives({ transport, backplane: 'memory', values: VALUES }).kind === 'drives',
    )
    .map((generator) => [transport, generator]),
);
if (k6 === undefined) process.stderr.write('no k6: only the native generator meets nodes that misserve\n');

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-audit-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

test('wrong bodies under right numbers are named in every transport, by native clients and by k6, with exit code 5', async () => {
  const workload = ['--clients', String(CLIENTS), '--warm-up', '1s', '--duration', '1s', '--poll', '500ms'];
  const variants = [
    '--transport',
    TRANSPORT_IDS.join(','),
    '--backplane',
    'memory',
    '--shape',
    VALUES.shape,
    '--generator',
    generators.join(','),
  ];
  const exit = await runFeedbench(['run', 'ticker', ...workload, ...variants, '--out', out], {
    env: { NODE_OPTIONS: `--import ${MISSERVING}` },
  });
  expect(exit.code).toBe(5);
  const trials = (await readLatest(out)).trials.filter(isMeasured);
  expect(trials.map(({ variant, generator }) => [variant.transport, generator])).toEqual(pairs);
  for (const { audit, generator, variant } of trials) {
    expect([variant.transport, generator, audit]).toEqual([
      variant.transport,
      generator,
      {
        subscribers: CLIENTS,
        published: MESSAGES,
        expected: CLIENTS * MESSAGES,
        received: CLIENTS * MESSAGES,
        lost: CLIENTS * WRONG,
        declaredLost: 0,
        leftOut: 0,
        duplicated: 0,
        reordered: 0,
        corrupted: generator === 'k6' ? null : 0,
        misplaced: CLIENTS * WRONG,
        foreign: 0,
        unanswered: 0,
        refused: 0,
        misreported: 0,
      },
    ]);
  }
  const csv = await readFile(join(out, 'latest/summary.csv'), 'utf8');
  expect(csv.match(/,audit_misplaced,messages,8,/g)).toHaveLength(trials.length);
  expect(exit.stdout).toMatch(/of 80 expected messages, 8 lost, 8\s+misplaced/);
  expect(await readFile(join(out, 'latest/index.html'), 'utf8')).toMatch(/8 lost, 8 misplaced/);
}, 180_000);
