import { expect, test } from 'vitest';
import type { Arrival } from './audit.ts';
import { PublishingOrder } from './publishing-order.ts';

/** Numbers with the moments at which they say they were published. */
function arrivals(...messages: readonly (readonly [seq: number, publishedNs: number])[]): Arrival[] {
  const order = new PublishingOrder();
  return messages.map(([seq, publishedNs]) => order.arrival(seq, publishedNs));
}

test('what was published later under a higher number is right, in whatever order it comes', () => {
  expect(arrivals([1, 10], [2, 20], [5, 50], [3, 30], [5, 50], [6, 60])).toEqual(Array(6).fill('right'));
});

test('a body that comes under the next number too is misplaced there', () => {
  expect(arrivals([7, 70], [8, 70], [9, 90])).toEqual(['right', 'misplaced', 'right']);
});

test('an old body under a new number, and a new one under an old number, are misplaced', () => {
  expect(arrivals([7, 70], [8, 20], [9, 90], [6, 95], [5, 90], [4, 40])).toEqual([
    'right',
    'misplaced',
    'right',
    'misplaced',
    'misplaced',
    'right',
  ]);
});
