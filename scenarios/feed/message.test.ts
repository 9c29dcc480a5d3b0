import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBinary, BinaryHeaderReader } from './binary-message.ts';
import {
  channelOf,
  encodeBody,
  encodeMessage,
  encodeNotice,
  encodeSaid,
  HeaderReader,
  type Notice,
  readNotice,
} from './message.ts';

const timeNs = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const seq = fc.integer({ min: 1, max: 2 ** 50 });
const data = fc.jsonValue().map((value) => JSON.stringify(value));
const message = fc.record({ seq, dueNs: timeNs, publishedNs: timeNs, data });

function encode(given: { seq: number; dueNs: number; publishedNs: number; data: string }): Buffer {
  return encodeMessage(given.seq, encodeBody(given.dueNs, given.publishedNs, given.data));
}

function headerOf(bytes: Buffer): HeaderReader | undefined {
  const reader = new HeaderReader();
  return reader.read(bytes) ? reader : undefined;
}

describe('a message', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(headerOf(encode(given))).toMatchObject({
          seq: given.seq,
          dueNs: given.dueNs,
          publishedNs: given.publishedNs,
          intact: true,
        });
      }),
    );
  });

  test('tells the checksum that it carries, and the one of its data alone', () => {
    fc.assert(
      fc.property(message, (given) => {
        const bytes = encode(given);
        const header = headerOf(bytes);
        expect(header?.crc).toBe(Number.parseInt(bytes.toString('latin1', bytes.length - 10, bytes.length - 2), 16));
        expect(header?.dataCrc()).toBe(crc32(given.data));
      }),
    );
  });

  test('is JSON on one line, with the data as it was', () => {
    fc.assert(
      fc.property(message, (given) => {
        const text = encode(given).toString();
        expect(text).not.toContain('\n');
        expect(JSON.parse(text)).toEqual({
          seq: given.seq,
          dueNs: given.dueNs,
          publishedNs: given.publishedNs,
          data: JSON.parse(given.data) as unknown,
          crc: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        });
      }),
    );
  });

  test('that is changed anywhere is never taken for what it was', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, change) => {
        const bytes = encode(given);
        const position = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(position) ^ change, position);
        const read = headerOf(bytes);
        // A changed number stands outside the checksum; as a number of its own it is lost and reordered.
        expect(read?.intact === true && read.seq === given.seq).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('whose checksum is written with anything but 0-9 and a-f is corrupted', () => {
    const bytes = encode({ seq: 17, dueNs: 1000, publishedNs: 2000, data: '{"symbol":"ACME"}' });
    for (let position = bytes.length - 10; position < bytes.length - 2; position++) {
      const written = bytes.readUInt8(position);
      for (let code = 0; code < 256; code++) {
        bytes.writeUInt8(code, position);
        expect(headerOf(bytes)?.intact).toBe(code === written);
      }
      bytes.writeUInt8(written, position);
    }
  });

  test('that is changed within what the checksum covers is read, and told to be corrupted', () => {
    const bytes = encode({ seq: 17, dueNs: 1000, publishedNs: 2000, data: '{"symbol":"ACME"}' });
    const start = bytes.indexOf('"dueNs"');
    const end = bytes.indexOf(',"crc"');
    for (let position = start; position < end; position++) {
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(position) ^ change, position);
        expect(headerOf(changed)).toMatchObject({ seq: 17, intact: false });
      }
    }
  });

  test('that is cut short or has something behind it is not intact', () => {
    const bytes = encode({ seq: 17, dueNs: 1000, publishedNs: 2000, data: '{"symbol":"ACME"}' });
    for (let length = 0; length < bytes.length; length++) {
      expect(headerOf(bytes.subarray(0, length))?.intact ?? false).toBe(false);
    }
    expect(headerOf(Buffer.concat([bytes, bytes]))?.intact).toBe(false);
  });

  test('numbered 0 is none', () => {
    expect(headerOf(encodeMessage(0, encodeBody(1, 2, '{}')))?.intact).toBe(false);
  });

  test('leaves nothing of the one before in the reader', () => {
    const reader = new HeaderReader();
    reader.read(encode({ seq: 5, dueNs: 1, publishedNs: 2, data: '1' }));
    expect(reader.read(encode({ seq: 6, dueNs: 3, publishedNs: 4, data: '2' }))).toBe(true);
    expect(reader).toMatchObject({ seq: 6, dueNs: 3, publishedNs: 4, intact: true });
  });
});

test('a message that comes again is read as before, and one that differs in a byte is another', () => {
  const first = encodeMessage(17, encodeBody(5e15, 5e15 + 7, '"some data"'));
  const second = encodeMessage(18, encodeBody(5e15, 5e15 + 7, '"same data"'));
  const damaged = Buffer.from(first);
  damaged[60] = (damaged[60] ?? 0) ^ 1;
  const large = encodeMessage(19, encodeBody(5e15, 5e15 + 7, `"${'x'.repeat(10_000)}"`));
  const said = (reader: HeaderReader, bytes: Buffer): unknown => {
    const isMessage = reader.read(bytes);
    const { dueNs, publishedNs, intact, crc } = reader;
    return [isMessage, reader.seq, dueNs, publishedNs, intact, crc, reader.dataCrc(), reader.data().toString()];
  };
  const reader = new HeaderReader();
  for (const bytes of [first, first, Buffer.from(first), damaged, damaged, first, second, large, large, first, second])
    expect(said(reader, bytes)).toEqual(said(new HeaderReader(), bytes));
  expect(reader.read(Buffer.alloc(0))).toBe(false);
  expect(reader.seq).toBe(18);
});

describe('what is no message', () => {
  test('is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(headerOf(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });

  test.each(['', '{}', '{"seq":1}', '{"sum":"a long enough line, which is not a message"}', `[${'1,'.repeat(50)}1]`])(
    '%j',
    (text) => {
      expect(headerOf(Buffer.from(text))).toBeUndefined();
      expect(readNotice(Buffer.from(text))).toBeUndefined();
    },
  );
});

describe('a notice', () => {
  const number = fc.nat({ max: 2 ** 50 });
  const notice: fc.Arbitrary<Notice> = fc.oneof(
    fc.record({ notice: fc.constant('gap' as const), from: number, to: number }),
    fc.record({ notice: fc.constant('reset' as const), latest: number }),
  );

  test('is read as it was written, and is no message', () => {
    fc.assert(
      fc.property(notice, (given) => {
        expect(headerOf(encodeNotice(given))).toBeUndefined();
        expect(readNotice(encodeNotice(given))).toEqual(given);
      }),
    );
  });

  test.each([
    'null',
    '7',
    '"gap"',
    '{"notice":"gap"}',
    '{"notice":"gap","from":1}',
    '{"notice":"gap","to":1}',
    '{"notice":"gap","from":1,"to":"2"}',
    '{"notice":"gap","from":"1","to":2}',
    '{"notice":"gap","from":1.5,"to":2}',
    '{"notice":"reset"}',
    '{"notice":"reset","latest":null}',
    '{"notice":"other","latest":1}',
    '{"notice":"gap","from":1,"to":2',
  ])('%s is none', (text) => {
    expect(readNotice(Buffer.from(text))).toBeUndefined();
  });
});

describe('what somebody said in a channel', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9._~:-]{1,64}$/);
  const origin = fc.record({ channel: name, from: name, n: fc.integer({ min: 1, max: 2 ** 32 - 1 }) });

  test('is read as it was written, in both forms', () => {
    fc.assert(
      fc.property(message, origin, (given, from) => {
        const bytes = encodeMessage(given.seq, encodeSaid(from, given));
        const { seq: number, dueNs, publishedNs } = given;
        const header = { seq: number, dueNs, publishedNs, intact: true };
        const text = headerOf(bytes);
        expect(text).toMatchObject(header);
        expect([text?.origin(), text?.dataCrc(), text?.data().toString(), channelOf(bytes)]).toEqual([
          from,
          crc32(given.data),
          given.data,
          from.channel,
        ]);
        const binary = new BinaryHeaderReader();
        expect(binary.read(encodeBinary(bytes))).toBe(true);
        expect(binary).toMatchObject(header);
        expect([binary.origin(), binary.dataCrc(), binary.data().toString()]).toEqual([
          from,
          crc32(given.data),
          given.data,
        ]);
      }),
    );
  });

  test('is another message where a byte of its origin is changed', () => {
    const bytes = encodeMessage(
      7,
      encodeSaid({ channel: 'room:1', from: 'u17', n: 5 }, { dueNs: 1, publishedNs: 2, data: '{}' }),
    );
    for (const [was, is] of [
      ['room:1', 'room:2'],
      ['u17', 'u18'],
      ['"n":5', '"n":6'],
    ] as const) {
      expect(headerOf(Buffer.from(bytes.toString().replace(was, is)))?.intact).toBe(false);
    }
  });

  test('what the publisher says has no origin, and is in the feed', () => {
    const bytes = encodeMessage(7, encodeBody(1, 2, '{}'));
    expect([
      headerOf(bytes)?.origin(),
      channelOf(bytes),
      channelOf(encodeNotice({ notice: 'reset', latest: 1 })),
    ]).toEqual([undefined, 'feed', undefined]);
  });

  test('what is cut off anywhere is not taken for intact, and throws nothing', () => {
    const bytes = encodeMessage(
      7,
      encodeSaid({ channel: 'room:1', from: 'u17', n: 5 }, { dueNs: 1, publishedNs: 2, data: '{}' }),
    );
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const header = headerOf(cut);
      expect([header?.intact ?? false, typeof channelOf(cut)]).toEqual([false, expect.any(String)]);
      header?.origin();
    }
  });
});
