import { expect, test } from 'vitest';
import { framingBytes } from './carriage.ts';

const steps = [
  { fromBytes: 0, addsBytes: 2 },
  { fromBytes: 126, addsBytes: 4 },
  { fromBytes: 65_536, addsBytes: 10 },
];

test.each([
  [0, 2],
  [125, 2],
  [126, 4],
  [65_535, 4],
  [65_536, 10],
])('around a message of %d bytes there are %d more', (message, adds) => {
  expect(framingBytes(steps, message)).toBe(adds);
});

test('a transport that adds nothing has no rows', () => {
  expect(framingBytes([], 1000)).toBe(0);
});
