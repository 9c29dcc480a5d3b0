import { assert, double, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { hostClock, isUneven } from './host-clock.ts';

test('whatever a clock does evenly between two readings, its offset stays within the bound', () => {
  const reading = record({
    trueMs: double({ min: -1e6, max: 1e6, noNaN: true }),
    boundMs: double({ min: 0, max: 50, noNaN: true }),
    error: double({ min: -1, max: 1, noNaN: true }),
  });
  assert(
    property(reading, reading, double({ min: 0, max: 1, noNaN: true }), (before, after, share) => {
      const [first, second] = [before, after].map(({ trueMs, boundMs, error }) => ({
        offsetMs: trueMs + error * boundMs,
        boundMs,
      }));
      if (first === undefined || second === undefined) throw new RangeError('two readings');
      const { offsetMs, boundMs } = hostClock(first, second);
      const between = before.trueMs + share * (after.trueMs - before.trueMs);
      expect(Math.abs(offsetMs - between)).toBeLessThanOrEqual(boundMs + 1e-6);
    }),
  );
});

test('one reading alone is good for its moment', () => {
  expect(hostClock({ offsetMs: 5, boundMs: 0.2 }, undefined)).toEqual({
    offsetMs: 5,
    boundMs: expect.closeTo(0.21) as number,
    driftMs: undefined,
  });
});

test.each([
  [0.9, false],
  [1.5, true],
])('a clock that went %d ms away was set: %s', (byMs, isSo) => {
  const [before, after] = [
    { offsetMs: 100, boundMs: 0.1 },
    { offsetMs: 100 + byMs, boundMs: 0.1 },
  ];
  expect(isUneven(hostClock(before, after), before, after)).toBe(isSo);
});
