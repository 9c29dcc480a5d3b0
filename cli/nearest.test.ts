import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

const NAMES = ['SCENARIO', 'CLIENTS', 'NODES', 'OUT', 'WARM_UP'];

test.each([
  ['SCENARIOS', 'SCENARIO'],
  ['scenario', 'SCENARIO'],
  ['WARMUP', 'WARM_UP'],
  ['CLIENT', 'CLIENTS'],
  ['NODE', 'NODES'],
  ['FOO', undefined],
  ['X', undefined],
])('%s is meant to be %s', (name, meant) => {
  expect(nearest(name, NAMES)).toBe(meant);
});

test('an edit distance is symmetric, 0 for equals, and as long as the longer one at most', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const edits = editDistance(a, b);
      expect(edits).toBe(editDistance(b, a));
      expect(edits === 0).toBe(a === b);
      expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
  expect(editDistance('kitten', 'sitting')).toBe(3);
});
