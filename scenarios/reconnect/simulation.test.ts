import { expect, test } from 'vitest';
import { NS_PER_SECOND } from '../units.ts';
import { reconnectPolicy, type ReconnectPolicyId } from './policy.ts';
import { timesOfShares } from './shares.ts';
import { simulateComeback } from './simulation.ts';

const CLIENTS = 10_000;

function comeback(id: ReconnectPolicyId, downMs: number, seed = 1): { peak: number; seconds: number[]; tries: number } {
  const { timesNs, mostPerSecond, tries } = simulateComeback(reconnectPolicy(id), { clients: CLIENTS, downMs, seed });
  const times = timesOfShares(timesNs, CLIENTS);
  const seconds = [50, 99, 100].map((percent) => (times[percent] ?? Number.NaN) / NS_PER_SECOND);
  return { peak: mostPerSecond, seconds, tries: tries / CLIENTS };
}

/** 10,000 clients: most connects a second, and the seconds until 50, 99 and 100 % are back; simulated independently of this code. */
test.each([
  ['guide', 500, [50_500, 0.6, 0.7, 0.7]],
  ['guide', 10_000, [6600, 6.5, 7.6, 7.9]],
  ['socketio', 500, [10_500, 0.5, 1, 1]],
  ['socketio', 10_000, [3100, 2.1, 4.9, 5]],
  ['equal', 500, [20_800, 0.3, 0.5, 0.5]],
  ['equal', 10_000, [2800, 2, 15, 16]],
  ['full', 500, [12_900, 0.4, 3.3, 7.8]],
  ['full', 10_000, [1800, 5.4, 26, 30]],
  ['decorrelated', 500, [5300, 1.5, 2.5, 2.5]],
  ['decorrelated', 10_000, [2000, 3.3, 16, 22]],
] as const)('%s after %d ms: as another simulation has it', (id, downMs, [peak, half, most, all]) => {
  const { peak: ownPeak, seconds } = comeback(id, downMs);
  expect(ownPeak / peak).toBeGreaterThan(0.92);
  expect(ownPeak / peak).toBeLessThan(1.08);
  const [ownHalf = 0, ownMost = 0, ownAll = 0] = seconds;
  expect(Math.abs(ownHalf - half)).toBeLessThan(0.06 + 0.05 * half);
  expect(Math.abs(ownMost - most)).toBeLessThan(0.06 + 0.05 * most);
  // The very last of ten thousand is chance.
  expect(Math.abs(ownAll - all)).toBeLessThan(0.1 + 0.3 * all);
});

test('clients that poll learn of it one after the other, and so come back', () => {
  const outage = { clients: CLIENTS, downMs: 0, seed: 1 };
  const { timesNs, mostPerSecond } = simulateComeback(reconnectPolicy('bare'), { ...outage, noticeMs: 3000 });
  const times = timesOfShares(timesNs, CLIENTS);
  // A second after the next poll.
  expect([0, 50, 100].map((percent) => Math.round((times[percent] ?? 0) / 1e7) / 100)).toEqual([1, 2.5, 4]);
  expect(mostPerSecond).toBeLessThan(1.02 * (CLIENTS / 3));
});

test.each([500, 10_000])('clients with one fixed delay come back in one instant, after %d ms', (downMs) => {
  const { peak, seconds } = comeback('eventsource', downMs);
  expect(peak).toBe(CLIENTS * 10);
  expect(new Set(seconds).size).toBe(1);
});

test('full jitter tries more often than the guide’s in a long outage', () => {
  expect(comeback('guide', 10_000).tries).toBeCloseTo(4, 1);
  expect(comeback('full', 10_000).tries).toBeGreaterThan(4.5);
  expect(comeback('full', 10_000).tries).toBeLessThan(5.5);
});

test('who gives up is never back', () => {
  const { neverBack, timesNs } = simulateComeback(reconnectPolicy('guide'), { clients: 50, downMs: 300_000, seed: 1 });
  expect(neverBack).toBe(50);
  expect(timesNs).toEqual([]);
});
