import { afterEach, expect, test, vi } from 'vitest';
import { inTime } from './patience.ts';

afterEach(() => void vi.useRealTimers());

test('what comes in time is there, and nothing waits any longer', async () => {
  vi.useFakeTimers();
  expect(await inTime(Promise.resolve(5), 1000)).toBe(5);
  expect(await inTime(Promise.reject(new Error('away')), 1000)).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test('what does not come is given up', async () => {
  vi.useFakeTimers();
  const given = inTime(Promise.withResolvers<number>().promise, 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await given).toBeUndefined();
});
