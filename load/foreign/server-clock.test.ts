import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundBetween, readingOf } from './server-clock.ts';

/** Of a server whose clock is so far ahead, and which tells it in steps; answers take so long each way. */
function exchangesOf(aheadMs: number, stepMs: number, trips: readonly (readonly [there: number, back: number])[]) {
  return trips.map(([there, back], index) => {
    const askedMs = 1e6 + index * 10;
    const exactMs = askedMs + there + aheadMs;
    return {
      askedMs,
      toldMs: stepMs === 0 ? exactMs : Math.floor(exactMs / stepMs) * stepMs,
      heardMs: askedMs + there + back,
    };
  });
}

test('the truth is within the bound, whatever way an answer was slow and however a clock is told', () => {
  const trip = fc.tuple(fc.double({ min: 0.01, max: 50, noNaN: true }), fc.double({ min: 0.01, max: 50, noNaN: true }));
  fc.assert(
    fc.property(
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.constantFrom(0, 1, 1000),
      fc.array(trip, { minLength: 2, maxLength: 50 }),
      (aheadMs, stepMs, trips) => {
        const { offsetMs, boundMs } = readingOf(exchangesOf(aheadMs, stepMs, trips));
        // A message says its time in whole milliseconds, rounded down: half of one was taken off for it.
        const stampStepMs = Math.max(1, stepMs);
        for (const sentMs of [5e5, 5e5 + 0.4, 5e5 + 0.999]) {
          const stampMs = Math.floor((sentMs + aheadMs) / stampStepMs) * stampStepMs;
          expect(Math.abs(stampMs - offsetMs - sentMs)).toBeLessThanOrEqual(boundMs + 1e-6);
        }
      },
    ),
  );
});

test('the quickest answer counts', () => {
  const { boundMs } = readingOf(
    exchangesOf(3200.5, 0, [
      [40, 4],
      [0.1, 0.1],
      [9, 9],
    ]),
  );
  expect(boundMs).toBeCloseTo(0.1 + 0.5, 6);
});

test('a clock that is told in seconds is good to a second and no better', () => {
  expect(
    readingOf(
      exchangesOf(0, 1000, [
        [1, 1],
        [1, 1],
      ]),
    ).boundMs,
  ).toBeGreaterThan(1000);
});

test('what a clock went astray between two readings is in the bound', () => {
  expect(boundBetween({ offsetMs: 3200, boundMs: 1 }, { offsetMs: 3212, boundMs: 2 })).toEqual({
    driftMs: 12,
    boundMs: 14,
  });
  expect(boundBetween({ offsetMs: 3200, boundMs: 3 }, { offsetMs: 3190, boundMs: 2 })).toEqual({
    driftMs: -10,
    boundMs: 13,
  });
});
