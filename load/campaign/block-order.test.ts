import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockOrder } from './block-order.ts';

const CELLS = ['a', 'b', 'c', 'd', 'e'];

test('every cell is in a block once, and the same seed and number have the same order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.nat(), fc.integer({ min: 1, max: 1000 }), (cells, seed, block) => {
      const order = blockOrder(cells, seed, block);
      expect(order.toSorted()).toEqual(cells.toSorted());
      expect(blockOrder(cells, seed, block)).toEqual(order);
    }),
  );
});

test('the order is another one in each block, and for each seed', () => {
  const orders = (seeds: readonly number[], blocks: readonly number[]): Set<string> =>
    new Set(seeds.flatMap((seed) => blocks.map((block) => blockOrder(CELLS, seed, block).join(''))));
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
  expect(orders([1], numbers).size).toBeGreaterThan(25);
  expect(orders(numbers, [1]).size).toBeGreaterThan(25);
});

test('on average each cell is at each place as often as at another', () => {
  const blocks = 5000;
  const places = new Map<string, number>();
  for (let block = 1; block <= blocks; block++) {
    for (const [place, cell] of blockOrder(CELLS, 1, block).entries()) {
      places.set(`${cell}${place}`, (places.get(`${cell}${place}`) ?? 0) + 1);
    }
  }
  // A binomial share of 1/5 over 5,000 blocks has a standard deviation of 28.
  expect(places.size).toBe(CELLS.length ** 2);
  for (const count of places.values()) expect(Math.abs(count - blocks / CELLS.length)).toBeLessThan(4 * 28.3);
});
