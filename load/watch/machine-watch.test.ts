import { expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { MachineWatch } from './machine-watch.ts';
import { allowedCores } from '../machine/placement.ts';

const NOTHING = { bytesDown: 0, bytesUp: 0, packetsDown: 0, packetsUp: 0, backplaneBytes: 0 };

test('what crossed the wire between two readings lies in the bins between them, each counter in its own', () => {
  const wire = { bytesDown: 5000, bytesUp: 300, packetsDown: 40, packetsUp: 30, backplaneBytes: 70 };
  const values = [wire, Object.fromEntries(Object.entries(wire).map(([name, value]) => [name, 3 * value]))];
  const watch = new MachineWatch({ readWire: () => ({ ...NOTHING, ...values.shift() }), cores: [] });
  const originNs = monotonicNs();
  watch.read();
  watch.read();
  const [during, after] = watch.recording({ originNs, binNs: monotonicNs() - originNs, count: 2 });
  expect(during?.counters).toMatchObject({
    wireBytesDown: 10_000,
    wireBytesUp: 600,
    wirePacketsDown: 80,
    wirePacketsUp: 60,
    backplaneBytes: 140,
  });
  expect(after?.counters).toMatchObject({ wireBytesDown: 0, wirePacketsUp: 0 });
});

test('what is not told is not counted', () => {
  const watch = new MachineWatch({ readWire: undefined, cores: [9999] });
  watch.read();
  watch.read();
  expect(watch.hasSeen('wireBytesDown')).toBe(false);
  expect(watch.hasSeen('coresBusy')).toBe(false);
  expect(watch.hasSeen('coordinatorCpu')).toBe(true);
  expect(watch.recording({ originNs: 0, binNs: 1e9, count: 1 })[0]?.counters).not.toHaveProperty('coresBusy');
});

test(
  'what this process computes is its own, on cores that were busy',
  needs(process.platform === 'linux', 'only Linux has /proc'),
  () => {
    const watch = new MachineWatch({ readWire: undefined, cores: allowedCores() });
    const originNs = monotonicNs();
    watch.read();
    const until = process.cpuUsage().user + 300_000;
    while (process.cpuUsage().user < until);
    watch.read();
    const [bin] = watch.recording({ originNs, binNs: monotonicNs() - originNs, count: 1 });
    expect(bin?.counters.coordinatorCpu).toBeGreaterThan(0.28e9);
    // The kernel prints ticks of 10 ms.
    expect(bin?.counters.coresBusy).toBeGreaterThan(0.25e9);
  },
);
