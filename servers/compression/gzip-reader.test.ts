import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mutated } from '../testing/mutated-bytes.ts';
import { GzipReader } from './gzip-reader.ts';

const MOST_BYTES = 1024 * 1024;
const reader = new GzipReader(MOST_BYTES);

test('bodies are read one after the other, whatever came before', () => {
  const bodies = fc.array(fc.oneof(fc.string(), fc.constantFrom('', '[]', 'x'.repeat(200_000), '!')));
  fc.assert(
    fc.property(bodies, (given) => {
      for (const body of given) {
        const isGood = body !== '!';
        const read = reader.read(isGood ? gzipSync(body) : Buffer.from(body));
        expect(isGood ? String(read) : read).toBe(isGood ? body : 'malformed');
      }
    }),
  );
});

test('one that is not whole is refused wherever it ends', () => {
  const body = gzipSync('a body, and a body once more');
  for (let length = 0; length < body.length; length++) expect(reader.read(body.subarray(0, length))).toBe('malformed');
});

test('one that was changed is refused, or is what it was', () => {
  const plain = JSON.stringify(Array.from({ length: 40 }, (_, index) => ({ index, text: 'größer' })));
  const body = gzipSync(plain);
  const readings = Array.from({ length: 2000 }, (_, seed) => reader.read(mutated(body, seed)));
  const others = readings.filter((read) => typeof read !== 'string' && read.toString().replaceAll(plain, '') !== '');
  expect(others).toEqual([]);
  expect(readings).toContain('malformed');
});

test('one that would be too large is refused', () => {
  expect(reader.read(gzipSync(Buffer.alloc(MOST_BYTES)))).toEqual(Buffer.alloc(MOST_BYTES));
  expect(reader.read(gzipSync(Buffer.alloc(MOST_BYTES + 1)))).toBe('too-large');
});
