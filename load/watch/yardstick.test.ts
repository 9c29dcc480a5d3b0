import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { allowedCores } from '../machine/placement.ts';
import { Yardstick } from './yardstick.ts';

const [core = 0] = allowedCores();
/** Ordinary: on a core that is never idle, one that gives way would have nothing to tell. */
const ORDINARY: readonly string[] = [];

test('a core is measured in each bin, by a process whose own cost is known', async () => {
  await using cleanup = new AsyncDisposableStack();
  const yardstick = new Yardstick([core], cleanup, ORDINARY);
  await yardstick.read();
  const bins = { originNs: monotonicNs() + 3e8, binNs: 3e8, count: 2 };
  yardstick.record(bins);
  const isWhole = async (): Promise<boolean> =>
    (await yardstick.measured())?.[0]?.perBinNs.every((time) => time !== null) ?? false;
  await expect.poll(isWhole, { timeout: 20_000 }).toBe(true);
  await yardstick.read();

  const [speed, ...others] = (await yardstick.measured()) ?? [];
  expect(others).toEqual([]);
  expect(speed).toMatchObject({ core, perBinNs: [expect.any(Number), expect.any(Number)] });
  for (const timeNs of speed?.perBinNs ?? []) {
    expect(timeNs).toBeGreaterThan(0.02e6);
    expect(timeNs).toBeLessThan(5e6);
  }
  const ownNs = yardstick.cpuNsPerBin({ originNs: 0, binNs: monotonicNs(), count: 1 })[0] ?? 0;
  expect(ownNs).toBeGreaterThan(4 * (speed?.perBinNs[0] ?? 0));
});

test('one that cannot run, or has not the time to answer, tells nothing and holds nobody up', async () => {
  await using cleanup = new AsyncDisposableStack();
  const nowhere = new Yardstick([4711], cleanup);
  await nowhere.read();
  expect(await nowhere.measured()).toBeNull();
  expect(nowhere.cpuNsPerBin({ originNs: 0, binNs: monotonicNs(), count: 1 })).toEqual([0]);
});

test('without a core there is none', async () => {
  expect(await new Yardstick([], new AsyncDisposableStack()).measured()).toBeNull();
});
