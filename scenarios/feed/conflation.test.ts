import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOf, keyRuleOf, whyNoValues } from './conflation.ts';
import { encodeBody, encodeMessage, encodeNotice, encodeSaid } from './message.ts';
import { keyFieldsOf, PAYLOAD_KINDS, payloadData, payloadKey } from './payload.ts';
import { loadWorkload, workloadNames } from './workload.ts';

function keyOfData(data: unknown, fields = 1): string | undefined {
  return keyOf(encodeMessage(7, encodeBody(1, 2, JSON.stringify(data))), { kind: 'data', fields });
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
  expect(keyOfData(data, fields)).toBe(key);
});

test('what is longer than 256 bytes is none', () => {
  const room = 256 - '"":""'.length;
  expect(keyOfData({ '': 'x'.repeat(room), price: 1 })).toHaveLength(256);
  expect(keyOfData({ '': 'x'.repeat(room + 1), price: 1 })).toBeUndefined();
  expect(keyOfData({ '': 'x'.repeat(room), price: 1 }, 2)).toBeUndefined();
});

test('it is the text of the fields, whatever JSON they hold', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 9 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }), (data) => {
      const fields = Object.entries(data);
      const texts = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      for (let count = 1; count <= fields.length; count++) {
        const text = Buffer.from(texts.slice(0, count).join(',')).toString('latin1');
        expect(keyOfData(data, count)).toBe(text.length > 256 ? undefined : text);
      }
      expect(keyOfData(data, fields.length + 1)).toBeUndefined();
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
          return keyOf(encodeMessage(at + 1, body), { kind: 'data', fields: keyFieldsOf(kind) });
        });
        const known = indices.map((at) => payloadKey(kind, seed, at));
        expect(read).not.toContain(undefined);
        expect(read.map((key) => read.indexOf(key))).toEqual(known.map((key) => known.indexOf(key)));
      },
    ),
  );
});

describe('by its sender', () => {
  const content = { dueNs: 1, publishedNs: 2, data: '{"x":1}' };
  const keyOfSaid = (channel: string, from: string, n = 1): string | undefined =>
    keyOf(encodeMessage(7, encodeSaid({ channel, from, n }, content)), { kind: 'sender' });

  test('a message has the key of all that the same one says in the same channel', () => {
    expect(keyOfSaid('room:1', 'ann', 2)).toBe(keyOfSaid('room:1', 'ann', 1));
    const others = [keyOfSaid('room:1', 'ann'), keyOfSaid('room:2', 'ann'), keyOfSaid('room:1', 'ben')];
    expect(new Set(others).size).toBe(3);
  });

  test.each(['user:ann', 'presence', 'server:1', 'feed'])('in %s nothing takes the place of anything', (channel) => {
    expect(keyOfSaid(channel, 'ann')).toBeUndefined();
  });

  test('nor of what the publisher says to all, nor of what is no message', () => {
    const toAll = encodeMessage(7, encodeBody(1, 2, '{"symbol":"ACME"}'));
    const notice = encodeNotice({ notice: 'gap', from: 1, to: 2 });
    expect([toAll, notice].map((entry) => keyOf(entry, { kind: 'sender' }))).toEqual([undefined, undefined]);
  });
});

test('each scenario has its rule, or none and the reason', () => {
  const found = workloadNames().map((name) => {
    const workload = loadWorkload(name);
    const { kind } = keyRuleOf(workload);
    return [name, whyNoValues(workload.feed) === undefined ? kind : 'none'];
  });
  expect(Object.fromEntries(found)).toMatchObject({
    ticker: 'data',
    scores: 'data',
    cursors: 'sender',
    game: 'sender',
    chat: 'none',
    tokens: 'none',
    notifications: 'none',
  });
});
