import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAYLOAD_KINDS, payloadData } from './payload.ts';

const kind = fc.constantFrom(...PAYLOAD_KINDS);
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const index = fc.nat({ max: 1e6 });
/** From the least that a workload may ask for. */
const bytes = fc.integer({ min: 150, max: 3000 });

describe('a payload', () => {
  test('has exactly its bytes, is ASCII on one line, and JSON with the facts and a text', () => {
    fc.assert(
      fc.property(fc.record({ kind, bytes }), seed, index, (payload, from, at) => {
        const data = payloadData(payload, from, at);
        expect(Buffer.byteLength(data)).toBe(payload.bytes);
        expect(data).toMatch(/^[\x20-\x7e]+$/);
        expect(JSON.parse(data)).toMatchObject({ text: expect.any(String) as string });
      }),
      { numRuns: 500 },
    );
  });

  test('is the same for the same seed and number, and another for another', () => {
    fc.assert(
      fc.property(kind, seed, index, (of, from, at) => {
        const payload = { kind: of, bytes: 300 };
        const data = payloadData(payload, from, at);
        expect(payloadData(payload, from, at)).toBe(data);
        expect(payloadData(payload, from, at + 1)).not.toBe(data);
        expect(payloadData(payload, (from + 1) % 2 ** 32, at)).not.toBe(data);
      }),
    );
  });

  test('has the facts of a smaller one', () => {
    const facts = (size: number): unknown => {
      const { text: _text, ...rest } = JSON.parse(payloadData({ kind: 'match-scores', bytes: size }, 3, 5)) as {
        text: string;
      };
      return rest;
    };
    expect(facts(1000)).toEqual(facts(200));
  });

  test.each(PAYLOAD_KINDS)('of the kind %s says how much room it needs', (of) => {
    expect(() => payloadData({ kind: of, bytes: 20 }, 1, 1)).toThrow(`a ${of} message needs `);
  });
});
