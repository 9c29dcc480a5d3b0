import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestReadingDelayNs, medianBacklogDelayNs, medianReadingDelayNs } from './reading-delay.ts';

/** One message after the other, by hand: when it came, when its turn came, when it was read. */
function waits({ messages, arrivalNs, readNs }: Record<'messages' | 'arrivalNs' | 'readNs', number>): number[] {
  let freeNs = 0;
  return Array.from({ length: messages }, (_, index) => {
    const arrivedNs = index * arrivalNs;
    freeNs = Math.max(freeNs, arrivedNs) + readNs;
    return freeNs - arrivedNs;
  });
}

describe('what a generator adds by reading', () => {
  test('is one message’s time where it reads faster than the server sends', () => {
    const fast = { messages: 200, arrivalNs: 20_000, readNs: 8000 };
    expect(medianReadingDelayNs(fast)).toBe(8000);
    expect(longestReadingDelayNs(fast)).toBe(8000);
  });

  test('grows with the place in the queue where it reads more slowly', () => {
    const slow = { messages: 201, arrivalNs: 20_000, readNs: 80_000 };
    expect(medianReadingDelayNs(slow)).toBe(80_000 + 100 * 60_000);
    expect(longestReadingDelayNs(slow)).toBe(80_000 + 200 * 60_000);
  });

  test('is at most that of messages that all lie there already, and just that where they come at once', () => {
    const amount = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), amount, amount, (messages, arrivalNs, readNs) => {
        const broadcast = { messages, arrivalNs, readNs };
        expect(medianReadingDelayNs(broadcast)).toBeLessThanOrEqual(medianBacklogDelayNs(broadcast));
        const atOnce = { ...broadcast, arrivalNs: 0 };
        expect(medianReadingDelayNs(atOnce)).toBeCloseTo(medianBacklogDelayNs(atOnce), 3);
      }),
    );
  });

  test('is that of a queue that is played through', () => {
    const amount = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), amount, amount, (pairs, arrivalNs, readNs) => {
        const broadcast = { messages: 2 * pairs + 1, arrivalNs, readNs };
        const each = waits(broadcast);
        expect(medianReadingDelayNs(broadcast)).toBe(each[pairs]);
        expect(longestReadingDelayNs(broadcast)).toBe(each.at(-1));
      }),
    );
  });
});
