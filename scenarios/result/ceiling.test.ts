import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isMeasuredPoint, parseCeiling } from './ceiling.ts';

function fixture(): Record<string, unknown> & { points: Record<string, unknown>[] } {
  const text = readFileSync(join(import.meta.dirname, 'fixtures/ceiling-1.json'), 'utf8');
  return JSON.parse(text) as Record<string, unknown> & { points: Record<string, unknown>[] };
}

/** What is said of the fixture with one field of its first point changed. */
function changed(field: string, value: unknown): unknown {
  const ceiling = fixture();
  const [first, ...others] = ceiling.points;
  return parseCeiling({ ...ceiling, points: [{ ...first, [field]: value }, ...others] });
}

test('a ceiling is read as it was written, and tells its measured points from the failed ones', () => {
  const ceiling = parseCeiling(fixture());
  if (typeof ceiling === 'string') throw new TypeError(ceiling);
  expect(ceiling.points.map(isMeasuredPoint)).toEqual(fixture().points.map(({ state }) => state === 'measured'));
});

test.each([
  ['nodes', 0],
  ['connections', 0],
  ['waiting', -1],
  ['windowNs', 0],
  ['answers', -1],
  ['errors', -1],
  ['answers', 1.5],
  ['state', 'guessed'],
  ['unheard', 1],
])('a point with %s %j is none, and the first problem is said with its place', (field, value) => {
  expect(changed(field, value)).toMatch(/^points\.0/);
});

test.each([
  ['nodes', 1],
  ['connections', 1],
  ['waiting', 0],
  ['answers', 0],
])('a point with %s %j is one', (field, value) => {
  expect(typeof changed(field, value)).toBe('object');
});
