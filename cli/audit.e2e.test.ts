import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findK6 } from '../load/k6/program.ts';
import { isMeasured } from '../scenarios/result/result.ts';
import { TRANSPORT_IDS, TRANSPORTS, type TransportId } from '../servers/registry.ts';
import { type GeneratorId, generatorRow } from '../load/registry.ts';
import { readLatest, runFeedbench } from './testing/feedbench-process.ts';
import { NOTHING_WRONG } from '../scenarios/testing/clean-audit.ts';

const CLIENTS = 2;
/** Two seconds of 20 a second, and every tenth of them is served with the wrong body. */
const MESSAGES = 40;
const WRONG = 4;
const MISSERVING = new URL('testing/misserving-nodes.ts', import.meta.url).href;
const k6 = await findK6().catch(() => undefined);
const generators = k6 === undefined ? (['native'] as const) : (['native', 'k6'] as const);
/** Values that every generator can do with, so that each transport is one variant. */
const VALUES = { shape: 'websocket' } as const;
if (k6 === undefined) process.stderr.write('no k6: only the native generator meets nodes that misserve\n');

let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-audit-'));
});

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

function driversOf(transport: TransportId): GeneratorId[] {
  const variant = { transport, backplane: 'memory', values: VALUES } as const;
  return generators.filter((generator) => generatorRow(generator).drives(variant).kind === 'drives');
}

// They wait for what was lost most of the time, so they do that beside each other.
test.concurrent.each(TRANSPORT_IDS)(
  'wrong bodies under right numbers are named over %s, by native clients and by k6, with exit code 5',
  async (transport) => {
    const folder = join(out, transport);
    const drivers = driversOf(transport);
    const workload = ['--clients', String(CLIENTS), '--warm-up', '1s', '--duration', '1s', '--poll', '500ms'];
    const shape = 'shape' in TRANSPORTS[transport].dimensions ? ['--shape', VALUES.shape] : [];
    const variant = ['--transport', transport, '--backplane', 'memory', ...shape, '--generator', drivers.join(',')];
    const exit = await runFeedbench(['run', 'ticker', ...workload, ...variant, '--out', folder], {
      env: { NODE_OPTIONS: `--import ${MISSERVING}` },
    });
    expect(exit.code).toBe(5);
    const trials = (await readLatest(folder)).trials.filter(isMeasured);
    expect(trials.map(({ variant: { transport: measured }, generator }) => [measured, generator])).toEqual(
      drivers.map((generator) => [transport, generator]),
    );
    for (const { audit, generator } of trials) {
      expect([generator, audit]).toEqual([
        generator,
        {
          subscribers: CLIENTS,
          published: MESSAGES,
          expected: CLIENTS * MESSAGES,
          received: CLIENTS * MESSAGES,
          ...NOTHING_WRONG,
          lost: CLIENTS * WRONG,
          corrupted: generator === 'k6' ? null : 0,
          misplaced: CLIENTS * WRONG,
        },
      ]);
    }
    const csv = await readFile(join(folder, 'latest/summary.csv'), 'utf8');
    expect(csv.match(/,audit_misplaced,messages,8,/g)).toHaveLength(trials.length);
    expect(exit.stdout).toMatch(/of 80 expected messages, 8 lost, 8\s+misplaced/);
    expect(await readFile(join(folder, 'latest/index.html'), 'utf8')).toMatch(/8 lost, 8 misplaced/);
  },
  180_000,
);
