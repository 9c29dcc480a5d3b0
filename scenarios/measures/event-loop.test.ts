import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { REAL_TIME } from '../testing/conditions.ts';
import { monotonicNs } from '../clock.ts';
import { EventLoopMonitor } from './event-loop.ts';

function block(durationNs: number): void {
  const endNs = monotonicNs() + durationNs;
  while (monotonicNs() < endNs);
}

/** Lets the monitor tick, which it does every 10 ms: what is tested here is time, so it has to pass. */
async function breathe(): Promise<void> {
  await setTimeout(25);
}

describe('the event loop', REAL_TIME, () => {
  test('is late by what blocked it, without the distance of the ticks', async () => {
    const monitor = new EventLoopMonitor();
    await breathe();
    block(150e6);
    await breathe();
    const { delayMaxNs, delayP99Ns } = monitor.report();
    expect(delayMaxNs).toBeGreaterThan(125e6);
    expect(delayP99Ns).toBeGreaterThan(125e6);
  });

  test('is hardly late when nothing blocks it', async () => {
    const monitor = new EventLoopMonitor();
    for (let round = 0; round < 4; round++) await breathe();
    expect(monitor.report().delayP50Ns).toBeLessThan(9e6);
  });

  test('is busy for the share of the time in which it worked', async () => {
    const monitor = new EventLoopMonitor();
    block(60e6);
    await breathe();
    const busy = monitor.report().utilization;
    expect(busy).toBeGreaterThan(0.4);
    expect(busy).toBeLessThanOrEqual(1);
  });

  test('is not busy where it did nothing but wait for a moment', async () => {
    const [told, other] = [new EventLoopMonitor(), new EventLoopMonitor()];
    block(60e6);
    told.waited(60e6);
    await breathe();
    expect(other.report().utilization - told.report().utilization).toBeGreaterThan(0.3);
  });

  test.each([
    ['the start', 30],
    ['the end', 130],
  ])('that stands still over %s of its window was late within it', async (_where, blockedFromMs) => {
    const monitor = new EventLoopMonitor();
    const nowNs = monotonicNs();
    monitor.watch(nowNs + 50e6, nowNs + 150e6);
    await setTimeout(blockedFromMs);
    block(200e6);
    await setTimeout(200);
    expect(monitor.report().delayMaxNs).toBeGreaterThan(100e6);
  });

  test('is looked at in its window only', async () => {
    const monitor = new EventLoopMonitor();
    block(400e6);
    const nowNs = monotonicNs();
    monitor.watch(nowNs + 20e6, nowNs + 80e6);
    await setTimeout(100);
    const within = monitor.report();
    block(400e6);
    await breathe();
    expect(monitor.report()).toEqual(within);
    expect(within.delayMaxNs).toBeLessThan(300e6);
  });

  test('was idle in a window in which it waited, however busy it was before', async () => {
    const monitor = new EventLoopMonitor();
    block(300e6);
    const nowNs = monotonicNs();
    monitor.watch(nowNs + 30e6, nowNs + 130e6);
    await setTimeout(150);
    expect(monitor.report().utilization).toBeLessThan(0.5);
    expect(monitor.report().delayMaxNs).toBeLessThan(200e6);
  });
});
