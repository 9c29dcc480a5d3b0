import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../scenarios/feed/random.ts';
import { deflated } from '../testing/raw-websocket.ts';
import { MessageInflater, readAgreement } from './permessage-deflate.ts';

const MOST_BYTES = 1024 * 1024;
const TAKING_OVER = { takesOver: true, windowBits: 15 };
const STARTING_ANEW = { takesOver: false, windowBits: 15 };

function inflater(agreement = TAKING_OVER): MessageInflater {
  return new MessageInflater(agreement, MOST_BYTES);
}

/** Of few letters, so that messages have parts in common; some larger than what zlib puts out at once. */
const message = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), maxLength: 500 }),
  fc.integer({ min: 10_000, max: 60_000 }).map((length) => 'abcdefg'.repeat(length).slice(0, length)),
);
const messages = fc
  .array(message, { minLength: 1, maxLength: 8 })
  .map((texts) => texts.map((text) => Buffer.from(text)));

describe('messages that were deflated', () => {
  test.each([TAKING_OVER, STARTING_ANEW])('are read one after the other, %o', (agreement) => {
    fc.assert(
      fc.property(messages, (given) => {
        const reader = inflater(agreement);
        const read = deflated(given, agreement.takesOver).map((payload) => reader.read(payload));
        expect(read).toEqual(given);
        reader.close();
      }),
    );
  });

  // RFC 7692, section 7.2.3.
  test.each([
    ['one block', ['f248cdc9c90700'], ['Hello']],
    ['the window taken over', ['f248cdc9c90700', 'f200110000'], ['Hello', 'Hello']],
    ['a block that is not compressed', ['000500faff48656c6c6f00'], ['Hello']],
    ['a block that says it is the last', ['f348cdc9c9070000', 'f348cdc9c9070000'], ['Hello', 'Hello']],
    ['two blocks', ['f24805000000ffffcac9c90700'], ['Hello']],
    ['nothing', ['00', 'f248cdc9c90700'], ['', 'Hello']],
  ])('as the RFC shows them: %s', (_name, payloads, expected) => {
    const reader = inflater();
    expect(payloads.map((payload) => String(reader.read(Buffer.from(payload, 'hex'))))).toEqual(expected);
  });

  test('are refused where they refer to what came before, and nothing is to be taken over', () => {
    const [first, second] = deflated([Buffer.from('one and the same'), Buffer.from('one and the same')]);
    const reader = inflater(STARTING_ANEW);
    expect(reader.read(first ?? Buffer.alloc(0))).toEqual(Buffer.from('one and the same'));
    expect(reader.read(second ?? Buffer.alloc(0))).toBe('malformed');
  });

  test('are refused where they refer further back than was agreed on', () => {
    const random = seededRandom(1);
    const far = Buffer.from(Array.from({ length: 3000 }, () => random() * 256));
    const [first = far, second = far] = deflated([far, far]);
    const [wide, narrow] = [inflater(), inflater({ takesOver: true, windowBits: 9 })];
    expect([wide.read(first), wide.read(second)]).toEqual([far, far]);
    expect([narrow.read(first), narrow.read(second)]).toEqual([far, 'malformed']);
  });

  test.each([
    ['no deflate at all', Buffer.from('hello')],
    ['more behind the last block', Buffer.concat([deflateRawSync('hello'), deflateRawSync('hello')])],
  ])('are refused: %s', (_name, payload) => {
    expect(inflater().read(payload)).toBe('malformed');
  });

  test('are refused from the first byte on that is too much, however little was sent for it', () => {
    const reader = inflater();
    const [most, more] = [Buffer.alloc(MOST_BYTES), Buffer.alloc(MOST_BYTES + 1)];
    const [payload = Buffer.alloc(0)] = deflated([most]);
    expect(payload.length).toBeLessThan(2000);
    expect(reader.read(payload)).toEqual(most);
    expect(inflater().read(deflated([more])[0] ?? Buffer.alloc(0))).toBe('too-large');
  });

  test('whatever comes is read or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (payloads) => {
        const reader = inflater();
        for (const payload of payloads) {
          const read = reader.read(Buffer.from(payload));
          if (read === 'malformed' || read === 'too-large') return;
          expect(read.length).toBeLessThanOrEqual(MOST_BYTES);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an answer to the offer', () => {
  test.each([
    ['permessage-deflate', TAKING_OVER],
    ['permessage-deflate; server_no_context_takeover', STARTING_ANEW],
    ['permessage-deflate;client_no_context_takeover', TAKING_OVER],
    ['permessage-deflate; server_max_window_bits=10', { takesOver: true, windowBits: 10 }],
    ['permessage-deflate; server_max_window_bits="8"; client_max_window_bits=15', { takesOver: true, windowBits: 8 }],
  ])('%s is agreed on', (field, agreement) => {
    expect(readAgreement(field)).toEqual(agreement);
  });

  test.each([
    '',
    'deflate',
    'x-webkit-deflate-frame',
    'permessage-deflate, permessage-deflate',
    'permessage-deflate, other',
    'permessage-deflate;',
    'permessage-deflate; other',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits=010',
    'permessage-deflate; server_max_window_bits="10',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; client_max_window_bits=7',
  ])('%j is not', (field) => {
    expect(readAgreement(field)).toBeUndefined();
  });
});
