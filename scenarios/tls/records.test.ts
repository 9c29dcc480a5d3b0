import { expect, test } from 'vitest';
import { recordBytes } from './records.ts';

test('TLS puts 22 bytes around each write, and again for every 16 KiB of it', () => {
  expect([1, 133, 16_384, 16_385, 70_000].map((bytes) => recordBytes(bytes))).toEqual([22, 22, 22, 44, 110]);
  expect(recordBytes(133, 2)).toBe(44);
});
