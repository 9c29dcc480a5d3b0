import { expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import { allowedCores } from '../machine/placement.ts';
import { busyNs, parseCoreTime, readCoreTime } from './core-time.ts';

const STAT = `cpu  34936 15141 19602 148591 1187 0 665 104 0 0
cpu0 17328 7473 8473 76374 183 0 332 43 0 0
cpu1 17607 7668 11129 72216 1004 0 332 61 0 0
intr 1368716 0 0 0
ctxt 2342342
btime 1795637129
`;

test('reads what was stolen, and the rest of each core: idle, waiting for disks, stolen', () => {
  const { stolenNs, restNsByCore } = parseCoreTime(STAT);
  expect(stolenNs).toBe(1.04e9);
  expect([...restNsByCore]).toEqual([
    [0, (76_374 + 183 + 43) * 1e7],
    [1, (72_216 + 1004 + 61) * 1e7],
  ]);
});

test('a core was busy when it did not rest; of a core that is not there nothing is known', () => {
  const before = parseCoreTime('cpu  0 0 0 100 0 0 0 0\ncpu0 0 0 0 60 0 0 0 0\ncpu1 0 0 0 40 0 0 0 0\n');
  const after = parseCoreTime('cpu  0 0 0 100 0 0 0 0\ncpu0 0 0 0 110 20 0 0 10\ncpu1 0 0 0 140 0 0 0 0\n');
  const used = (cores: number[]): number => (busyNs(after, cores, 3e9) ?? 0) - (busyNs(before, cores, 2e9) ?? 0);
  expect(used([0])).toBeCloseTo(0.2e9, 0);
  expect(used([1])).toBeCloseTo(0, 0);
  expect(used([0, 1])).toBeCloseTo(0.2e9, 0);
  expect(busyNs(after, [0, 7], 3e9)).toBeNull();
});

test('a kernel of old that tells of no stolen time has none, not 0', () => {
  expect(parseCoreTime('cpu  1 2 3 4\ncpu0 1 2 3 4\n').stolenNs).toBeNull();
});

test(
  'on Linux every core is told of that this process may run on',
  needs(process.platform === 'linux', 'only Linux has /proc'),
  () => {
    const told = [...(readCoreTime()?.restNsByCore.keys() ?? [])];
    expect(told).toEqual(expect.arrayContaining(allowedCores()));
    expect(told.length).toBeGreaterThan(0);
  },
);

test('never runs backwards', () => {
  const before = readCoreTime()?.stolenNs ?? 0;
  expect(readCoreTime()?.stolenNs ?? 0).toBeGreaterThanOrEqual(before);
});
