import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { breakEvenMessages, extraBytesAt, type WayBytes } from './break-even.ts';

const h = 66;
const PUSH: WayBytes = { cadence: 'push', messageBytes: 129, extraBytes: 4 + 2 * h, messagesPerAnswer: 1 };

/** H = 733 over HTTP/1.1 and 152 over HTTP/2, over TLS, without a cookie. */
function polling(headBytes: number, messagesPerAnswer = 1): WayBytes {
  return { cadence: 'interval', messageBytes: 129, extraBytes: headBytes + 3 * h, messagesPerAnswer };
}

test('both take as much at (H + 3h) ÷ (f + 2h) messages an interval: 7 over HTTP/1.1, fewer than 3 over HTTP/2', () => {
  expect(breakEvenMessages(polling(733), PUSH)).toBeCloseTo((733 + 3 * h) / (4 + 2 * h));
  expect(breakEvenMessages(polling(152), PUSH)).toBeCloseTo((152 + 3 * h) / (4 + 2 * h));
  // More than a segment has room for: each further one takes 66 B and most of an ACK.
  const more = (1.75 * h * 129) / 1448;
  expect(breakEvenMessages(polling(1646), PUSH)).toBeCloseTo((1646 + 3 * h - 1.75 * h) / (4 + 2 * h - more));
});

test('it does not matter at how many messages an answer it was measured', () => {
  const twenty = { ...polling(733, 20), extraBytes: 733 + 3 * h + 1.75 * h * ((20 * 129) / 1448 - 1) };
  expect(breakEvenMessages(twenty, PUSH)).toBeCloseTo(breakEvenMessages(polling(733), PUSH) ?? Number.NaN);
});

test('from there on polling is cheaper, below it is dearer', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 100, max: 5000, noNaN: true }),
      fc.integer({ min: 20, max: 5000 }),
      (head, message) => {
        const [poll, push] = [
          { ...polling(head), messageBytes: message },
          { ...PUSH, messageBytes: message },
        ];
        const messages = breakEvenMessages(poll, push);
        if (messages === undefined) return;
        const extra = extraBytesAt(push, messages);
        for (const times of [0.1, 0.9, 0.999]) expect(extraBytesAt(poll, messages * times)).toBeGreaterThan(extra);
        for (const times of [1, 1.1, 2, 10]) expect(extraBytesAt(poll, messages * times)).toBeLessThanOrEqual(extra);
      },
    ),
  );
});

test('where one is always cheaper there is none', () => {
  expect(breakEvenMessages(polling(152), { ...PUSH, extraBytes: 0.1 })).toBeUndefined();
  expect(breakEvenMessages(polling(0), { ...PUSH, extraBytes: 1e9 })).toBeUndefined();
});
