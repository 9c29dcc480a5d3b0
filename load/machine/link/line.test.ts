import { expect, test } from 'vitest';
import { derivedRandom } from '../../../scenarios/feed/random.ts';
import { queueBytes } from '../../../scenarios/path/links.ts';
import { Line, type LineOptions } from './line.ts';

const FREE: LineOptions = { delayNs: 0, bitsPerSecond: null, loss: 0 };
const FULL = 1514;

function lineOf(options: Partial<LineOptions>, seed = 1): Line {
  return new Line({ ...FREE, ...options }, derivedRandom(seed, -11));
}

test('what nothing limits comes out after the delay', () => {
  expect(lineOf({ delayNs: 50e6 }).admit(FULL, 1, 7)).toBe(50e6 + 7);
});

test('a line carries one frame after the other, and each flow has its own', () => {
  // 1 Mbit/s: a byte takes 8 µs.
  const line = lineOf({ delayNs: 1e6, bitsPerSecond: 1e6 });
  expect(line.admit(100, 1, 0)).toBe(800e3 + 1e6);
  expect(line.admit(100, 1, 0)).toBe(1600e3 + 1e6);
  expect(line.admit(100, 2, 0)).toBe(800e3 + 1e6);
  // It was free in between: nothing is saved up.
  expect(line.admit(100, 1, 10e6)).toBe(10e6 + 800e3 + 1e6);
});

test('over a second a line carries its rate, not more and not less', () => {
  const line = lineOf({ bitsPerSecond: 10e6 });
  let carried = 0;
  for (let nowNs = 0; nowNs < 1e9; nowNs += 1e5) if ((line.admit(FULL, 1, nowNs) ?? 2e9) <= 1e9) carried += FULL;
  expect(carried * 8).toBeGreaterThan(10e6 - 8 * FULL);
  expect(carried * 8).toBeLessThanOrEqual(10e6);
});

test('what finds the queue full is dropped and counted, and takes no time of the line', () => {
  const line = lineOf({ bitsPerSecond: 1e6 });
  const room = Math.floor(queueBytes(1e6) / FULL);
  const fates = Array.from({ length: room + 3 }, () => line.admit(FULL, 1, 0));
  expect(fates.slice(0, room)).not.toContain(undefined);
  expect(fates.slice(room)).toEqual([undefined, undefined, undefined]);
  expect(line.counts).toEqual({ frames: room + 3, bytes: (room + 3) * FULL, lost: 0, dropped: 3 });
  // As soon as one has left there is room for one.
  const oneNs = FULL * 8000;
  expect(line.admit(FULL, 1, oneNs)).toBe((room + 1) * oneNs);
});

test('the queue holds 200 ms, and 32 whole packets of a slow line', () => {
  expect(queueBytes(10e6)).toBe(250_000);
  expect(queueBytes(64e3)).toBe(32 * FULL);
});

test('as many are lost as asked, which ones is of the seed, and what is lost takes no time', () => {
  const fates = (seed: number): boolean[] => {
    const line = lineOf({ loss: 0.01 }, seed);
    return Array.from({ length: 100_000 }, () => line.admit(FULL, 1, 0) === undefined);
  };
  const lost = fates(1).filter(Boolean).length;
  // 1,000 ± 5 standard deviations of a binomial.
  expect(Math.abs(lost - 1000)).toBeLessThan(5 * Math.sqrt(990));
  expect(fates(1)).toEqual(fates(1));
  expect(fates(2)).not.toEqual(fates(1));
  const line = lineOf({ loss: 1, bitsPerSecond: 1e6 });
  line.admit(FULL, 1, 0);
  expect(line.counts).toMatchObject({ lost: 1, dropped: 0 });
});

test('counting begins anew where it is told to, and the line goes on', () => {
  const line = lineOf({ bitsPerSecond: 1e6 });
  line.admit(100, 1, 0);
  line.resetCounts();
  expect(line.counts).toEqual({ frames: 0, bytes: 0, lost: 0, dropped: 0 });
  expect(line.admit(100, 1, 0)).toBe(1600e3);
});
