import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivedRandom, pick, type Random, seededRandom } from './random.ts';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function take(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random());
}

test('a stream is that of its seed, and stays in [0, 1)', () => {
  fc.assert(
    fc.property(seed, (from) => {
      const numbers = take(seededRandom(from), 50);
      expect(take(seededRandom(from), 50)).toEqual(numbers);
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      expect(take(seededRandom((from + 1) % 2 ** 32), 50)).not.toEqual(numbers);
    }),
  );
});

test('a stream is the one it was, so that a seed means the same feed in every version', () => {
  expect(take(seededRandom(42), 3).map((number) => number * 2 ** 32)).toMatchInlineSnapshot(`
    [
      551831576,
      144025891,
      322543647,
    ]
  `);
  expect(take(derivedRandom(42, 7), 3).map((number) => number * 2 ** 32)).toMatchInlineSnapshot(`
    [
      3412186571,
      292619464,
      391209678,
    ]
  `);
});

test('its numbers are spread evenly, and so are the first ones of the streams that are derived from one seed', () => {
  const streams = [
    take(seededRandom(1), 16_000),
    Array.from({ length: 16_000 }, (_, index) => derivedRandom(1, index)()),
  ];
  for (const numbers of streams) {
    const cells = Array.from({ length: 16 }, () => 0);
    for (const number of numbers) cells[Math.floor(number * 16)] = (cells[Math.floor(number * 16)] ?? 0) + 1;
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 15 degrees of freedom: 0.1 % of even spreads are beyond 37.7.
    expect(chiSquare).toBeLessThan(37.7);
  }
});

test('a stream derived from a seed depends on the seed and on the index', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: -2, max: 1e6 }), (from, index) => {
      const numbers = take(derivedRandom(from, index), 5);
      expect(take(derivedRandom(from, index), 5)).toEqual(numbers);
      expect(take(derivedRandom(from, index + 1), 5)).not.toEqual(numbers);
      expect(take(derivedRandom((from + 1) % 2 ** 32, index), 5)).not.toEqual(numbers);
    }),
  );
});

test('a pick is of the items, each of them in its turn', () => {
  const random = seededRandom(3);
  const picked = new Set(Array.from({ length: 200 }, () => pick(random, ['a', 'b', 'c'])));
  expect([...picked].toSorted()).toEqual(['a', 'b', 'c']);
  expect(pick(() => 0, ['first', 'last'])).toBe('first');
  expect(pick(() => 1 - 2 ** -32, ['first', 'last'])).toBe('last');
});

test('every 32-bit seed is as good as any other, those with the highest bit too', () => {
  for (const from of [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    const numbers = take(seededRandom(from), 4000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(numbers.reduce((sum, number) => sum + number, 0) / 4000 - 0.5)).toBeLessThan(0.03);
  }
});
