import { array, assert, double, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { placeLabels } from './label-placement.ts';

const label = record({
  at: double({ min: -50, max: 400, noNaN: true }),
  height: integer({ min: 10, max: 40 }),
});
const TOLERANCE = 1e-6;

/** Edges of each label, in the order in which they stand. */
function edges(wanted: readonly { readonly height: number }[], middles: readonly number[]): [number, number][] {
  return middles
    .map((middle, index): [number, number] => {
      const half = (wanted[index]?.height ?? 0) / 2;
      return [middle - half, middle + half];
    })
    .toSorted(([a], [b]) => a - b);
}

test('no two labels overlap, however many there are and wherever they are wanted', () => {
  assert(
    property(array(label, { maxLength: 40 }), integer({ min: 20, max: 400 }), (wanted, room) => {
      const placed = edges(wanted, placeLabels(wanted, room));
      expect(placed).toHaveLength(wanted.length);
      for (const [index, [top]] of placed.entries()) {
        expect(top).toBeGreaterThanOrEqual((placed[index - 1]?.[1] ?? 0) - TOLERANCE);
      }
    }),
  );
});

test('they stay inside where they fit, in the order of their lines', () => {
  assert(
    property(array(label, { maxLength: 12 }), (wanted) => {
      const room = wanted.reduce((sum, { height }) => sum + height, 30);
      const middles = placeLabels(wanted, room);
      for (const [top, bottom] of edges(wanted, middles)) {
        expect(top).toBeGreaterThanOrEqual(-TOLERANCE);
        expect(bottom).toBeLessThanOrEqual(room + TOLERANCE);
      }
      const byLine = [...wanted.entries()]
        .toSorted(([, a], [, b]) => a.at - b.at)
        .map(([index]) => middles[index] ?? 0);
      expect(byLine).toEqual(byLine.toSorted((a, b) => a - b));
    }),
  );
});

test('a label alone stands beside its line', () => {
  expect(
    placeLabels(
      [
        { at: 100, height: 16 },
        { at: 40, height: 16 },
      ],
      300,
    ),
  ).toEqual([100, 40]);
  expect(
    placeLabels(
      [
        { at: 100, height: 16 },
        { at: 104, height: 16 },
      ],
      300,
    ),
  ).toEqual([94, 110]);
});
