import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atWallClock } from './expiry.ts';

const DAY_MS = 86_400_000;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => vi.useRealTimers());

function ringsOf(atMs: number): { readonly rings: number[]; readonly callOff: () => void } {
  const rings: number[] = [];
  return { rings, callOff: atWallClock(atMs, () => rings.push(Date.now())) };
}

test('it rings once, at the time, however far away: a timer of Node has 25 days', () => {
  const startMs = Date.now();
  const { rings } = ringsOf(startMs + 40 * DAY_MS);
  vi.advanceTimersByTime(39 * DAY_MS);
  expect(rings).toEqual([]);
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(rings).toEqual([startMs + 40 * DAY_MS]);
});

test('what is over rings, but not before its owner has what calls it off', () => {
  const { rings } = ringsOf(Date.now() - 5);
  expect(rings).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(rings).toHaveLength(1);
});

test('a clock that is set is followed within a minute', () => {
  const { rings } = ringsOf(Date.now() + DAY_MS);
  vi.setSystemTime(Date.now() + 2 * DAY_MS);
  vi.advanceTimersByTime(60_000);
  expect(rings).toHaveLength(1);
  const early = ringsOf(Date.now() + 1000);
  vi.setSystemTime(Date.now() - 10_000);
  vi.advanceTimersByTime(10_999);
  expect(early.rings).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(early.rings).toHaveLength(1);
});

test('what was called off does not ring', () => {
  const { rings, callOff } = ringsOf(Date.now() + 2 * 60_000);
  vi.advanceTimersByTime(60_000);
  callOff();
  vi.advanceTimersByTime(DAY_MS);
  expect(rings).toEqual([]);
});
