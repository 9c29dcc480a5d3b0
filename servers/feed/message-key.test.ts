import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { keyFieldsOf, PAYLOAD_KINDS, payloadData, payloadKey } from '../../scenarios/feed/payload.ts';
import { bodyOf } from '../testing/test-subscriber.ts';
import { readKey } from './message-key.ts';

function keyOf(data: unknown, fields = 1): string | undefined {
  return readKey(encodeMessage(7, bodyOf(data)), fields);
}

test.each<{ what: string; data: unknown; fields?: number; key: string | undefined }>([
  { what: 'the first field', data: { symbol: 'ACME', price: 1 }, key: '"symbol":"ACME"' },
  { what: 'the only field', data: { symbol: 'ACME' }, key: '"symbol":"ACME"' },
  { what: 'several fields', data: { home: 'A', away: 'B', score: [1, 2] }, fields: 2, key: '"home":"A","away":"B"' },
  { what: 'all fields', data: { home: 'A', away: 'B' }, fields: 2, key: '"home":"A","away":"B"' },
  { what: 'a number', data: { id: 17, price: 1 }, key: '"id":17' },
  {
    what: 'a field with fields in it',
    data: { at: { x: [1, { y: '}' }], z: 2 }, price: 1 },
    key: '"at":{"x":[1,{"y":"}"}],"z":2}',
  },
  { what: 'a text with quotes and commas', data: { 'a,"b': 'c\\",d}', price: 1 }, key: String.raw`"a,\"b":"c\\\",d}"` },
  { what: 'none where there are too few fields', data: { symbol: 'ACME' }, fields: 2, key: undefined },
  { what: 'none of an empty object', data: {}, key: undefined },
  { what: 'none of a text', data: 'ACME,', key: undefined },
  { what: 'none of a list', data: ['ACME', 1], key: undefined },
  { what: 'none of a number', data: 17, key: undefined },
])('the key is $what', ({ data, fields, key }) => {
  expect(keyOf(data, fields)).toBe(key);
});

test('what is longer than 256 bytes is none', () => {
  const room = 256 - '"":""'.length;
  expect(keyOf({ '': 'x'.repeat(room), price: 1 })).toHaveLength(256);
  expect(keyOf({ '': 'x'.repeat(room + 1), price: 1 })).toBeUndefined();
  expect(keyOf({ '': 'x'.repeat(room), price: 1 }, 2)).toBeUndefined();
});

test('it is the text of the fields, whatever JSON they hold', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 9 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }), (data) => {
      const fields = Object.entries(data);
      const texts = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      for (let count = 1; count <= fields.length; count++) {
        const text = Buffer.from(texts.slice(0, count).join(',')).toString('latin1');
        expect(keyOf(data, count)).toBe(text.length > 256 ? undefined : text);
      }
      expect(keyOf(data, fields.length + 1)).toBeUndefined();
    }),
  );
});

test('a node finds equal keys in the messages that are about the same, and no others', () => {
  const index = fc.nat({ max: 5000 });
  fc.assert(
    fc.property(
      fc.constantFrom(...PAYLOAD_KINDS),
      fc.nat(),
      fc.array(index, { minLength: 20 }),
      (kind, seed, indices) => {
        const read = indices.map((at) => {
          const body = encodeBody(at, at, payloadData({ kind, bytes: 200 }, seed, at));
          return readKey(encodeMessage(at + 1, body), keyFieldsOf(kind));
        });
        const known = indices.map((at) => payloadKey(kind, seed, at));
        expect(read).not.toContain(undefined);
        expect(read.map((key) => read.indexOf(key))).toEqual(known.map((key) => known.indexOf(key)));
      },
    ),
  );
});
