import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorMessage } from '../failures.ts';
import { leastPayloadBytes, PAYLOAD_KINDS, payloadData } from './payload.ts';

const kind = fc.constantFrom(...PAYLOAD_KINDS);
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const index = fc.nat({ max: 1e6 });
/** From the least that a workload may ask for. */
const payloadOf = kind.chain((of) =>
  fc.record({ kind: fc.constant(of), bytes: fc.integer({ min: leastPayloadBytes(of), max: 3000 }) }),
);

describe('a payload', () => {
  test('has exactly its bytes, is ASCII on one line, and JSON with the facts and a text', () => {
    fc.assert(
      fc.property(payloadOf, seed, index, (payload, from, at) => {
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

  test.each([
    ['stock-prices', '70cbc838891ee448e469ba6d3a1b9c53635b7f8f195841fbd0733ce24d8106f2'],
    ['match-scores', 'd9c39b75715239da9484a9fe78c198623cb89cf82e6f238d9a1a712ce3aa4039'],
  ] as const)('of the kind %s is the one it was, so that a seed means the same feed in every version', (of, digest) => {
    const hash = createHash('sha256');
    for (let at = 0; at < 500; at++) hash.update(payloadData({ kind: of, bytes: 400 }, 7, at));
    expect(hash.digest('hex')).toBe(digest);
  });

  test.each(PAYLOAD_KINDS)('of the kind %s fits exactly where it has room for nothing but the facts', (of) => {
    const least = Number(/needs (\d+) bytes/.exec(refusal(of))?.[1]);
    const data = payloadData({ kind: of, bytes: least }, 1, 1);
    expect(data).toHaveLength(least);
    expect(JSON.parse(data)).toMatchObject({ text: '' });
    expect(() => payloadData({ kind: of, bytes: least - 1 }, 1, 1)).toThrow(`needs ${least} bytes, not ${least - 1}`);
  });

  test.each(PAYLOAD_KINDS)('of the kind %s says how much room it needs', (of) => {
    expect(() => payloadData({ kind: of, bytes: 20 }, 1, 1)).toThrow(`a ${of} message needs `);
  });
});

/** What is said where a message has no room. */
function refusal(of: (typeof PAYLOAD_KINDS)[number]): string {
  try {
    return payloadData({ kind: of, bytes: 20 }, 1, 1);
  } catch (error) {
    return errorMessage(error);
  }
}
