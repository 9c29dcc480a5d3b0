import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BinaryHeaderReader, encodeBinary } from './binary-message.ts';
import { encodeBody, encodeMessage, encodeNotice, HeaderReader, type Notice } from './message.ts';

const MOST = Number.MAX_SAFE_INTEGER;
/** Seen from both ends, because what is carried from one half of 64 bits into the other is where one goes wrong. */
const timeNs = fc.oneof(
  fc.integer({ min: 0, max: MOST }),
  fc.bigInt(0n, 53n).map((bits) => Number(2n ** bits - 1n)),
);
const seq = fc.integer({ min: 1, max: MOST });
const data = fc.jsonValue().map((value) => JSON.stringify(value));
const message = fc.record({ seq, dueNs: timeNs, publishedNs: timeNs, data });

type Given = typeof message extends fc.Arbitrary<infer T> ? T : never;

function asText({ seq: number, dueNs, publishedNs, data: json }: Given): Buffer {
  return encodeMessage(number, encodeBody(dueNs, publishedNs, json));
}

function headerOf(bytes: Buffer): BinaryHeaderReader | undefined {
  const reader = new BinaryHeaderReader();
  return reader.read(bytes) ? reader : undefined;
}

const example = asText({ seq: 17, dueNs: 1000, publishedNs: 2000, data: '{"symbol":"ACME"}' });

describe('a message in the compact form', () => {
  test('is read as it was written as text, with the same data', () => {
    fc.assert(
      fc.property(message, (given) => {
        const bytes = encodeBinary(asText(given));
        const header = headerOf(bytes);
        const { data: json, ...numbers } = given;
        expect(header).toMatchObject({ ...numbers, intact: true });
        expect(header?.dataCrc()).toBe(crc32(json));
        expect(bytes.toString('utf8', 29)).toBe(json);
      }),
    );
  });

  test('has 29 bytes beside its data, whatever the numbers', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(encodeBinary(asText(given))).toHaveLength(29 + Buffer.byteLength(given.data));
      }),
    );
  });

  test('carries a checksum of times and data', () => {
    fc.assert(
      fc.property(message, (given) => {
        const bytes = encodeBinary(asText(given));
        expect(headerOf(bytes)?.crc).toBe(crc32(bytes.subarray(13)));
      }),
    );
  });

  test('that is changed anywhere is never taken for what it was', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, change) => {
        const bytes = encodeBinary(asText(given));
        const position = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(position) ^ change, position);
        const read = headerOf(bytes);
        expect(read?.intact === true && read.seq === given.seq).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('that is changed behind its number is read, and told to be corrupted', () => {
    const bytes = encodeBinary(example);
    for (let position = 9; position < bytes.length; position++) {
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(position) ^ change, position);
        expect(headerOf(changed)).toMatchObject({ seq: 17, intact: false });
      }
    }
  });

  test('that is cut short or has something behind it is not intact', () => {
    const bytes = encodeBinary(example);
    for (let length = 0; length < bytes.length; length++) {
      expect(headerOf(bytes.subarray(0, length))?.intact ?? false).toBe(false);
    }
    expect(headerOf(Buffer.concat([bytes, bytes]))?.intact).toBe(false);
  });

  test.each([0, 2 ** 53, 2 ** 63])('numbered %d is not intact', (number) => {
    const bytes = encodeBinary(example);
    bytes.writeBigUInt64BE(BigInt(number), 1);
    expect(headerOf(bytes)).toMatchObject({ seq: number, intact: false });
  });

  test('leaves nothing of the one before in the reader', () => {
    const reader = new BinaryHeaderReader();
    reader.read(encodeBinary(asText({ seq: 5, dueNs: 1, publishedNs: 2, data: '1' })));
    expect(reader.read(encodeBinary(example))).toBe(true);
    expect(reader).toMatchObject({ seq: 17, dueNs: 1000, publishedNs: 2000, intact: true });
    expect(reader.dataCrc()).toBe(crc32('{"symbol":"ACME"}'));
  });
});

describe('an entry that is damaged', () => {
  test('is not mended by being encoded anew: wherever the text does not fit its checksum, the compact form does not', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, change) => {
        const entry = asText(given);
        const position = place % entry.length;
        entry.writeUInt8(entry.readUInt8(position) ^ change, position);
        const isRight = (header: { intact: boolean; seq: number } | undefined): boolean =>
          header?.intact === true && header.seq === given.seq;
        expect(isRight(headerOf(encodeBinary(entry)))).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['dueNs', 'publishedNs'])('in %s, beyond what a double holds, is sent and stays damaged', (field) => {
    const covered = `"dueNs":1,"publishedNs":2,"data":3`.replace(/(?<=Ns":)\d/, '9'.repeat(400));
    const text = field === 'dueNs' ? covered : `"dueNs":1,"publishedNs":${'9'.repeat(400)},"data":3`;
    const entry = encodeMessage(4, `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}`);
    const asIs = new HeaderReader();
    expect(asIs.read(entry) && asIs.intact).toBe(true);
    expect(headerOf(encodeBinary(entry))).toMatchObject({ seq: 4, [field]: 0, intact: false });
  });

  test('whose number is none has number 0 and is not intact', () => {
    const entry = Buffer.from(example.toString().replace('17', '9'.repeat(400)));
    expect(headerOf(encodeBinary(entry))).toMatchObject({ seq: 0, intact: false });
  });
});

describe('what is no message', () => {
  const number = fc.nat({ max: 2 ** 50 });
  const notice: fc.Arbitrary<Notice> = fc.oneof(
    fc.record({ notice: fc.constant('gap' as const), from: number, to: number }),
    fc.record({ notice: fc.constant('reset' as const), latest: number }),
  );
  const reader = new BinaryHeaderReader();

  test('is a notice where it is one', () => {
    fc.assert(
      fc.property(notice, (given) => {
        const bytes = encodeBinary(encodeNotice(given));
        expect(reader.read(bytes)).toBe(false);
        expect(reader.notice(bytes)).toEqual(given);
        expect(bytes.toString()).toBe(`N${JSON.stringify(given)}`);
      }),
    );
  });

  test('is foreign otherwise, as the text is', () => {
    for (const text of ['', 'hello', '{}', 'null']) {
      const bytes = encodeBinary(Buffer.from(text));
      expect(reader.read(bytes)).toBe(false);
      expect(reader.notice(bytes)).toBeUndefined();
    }
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a text message', example],
    ['a text notice', encodeNotice({ notice: 'reset', latest: 1 })],
    ['a notice of another kind', Buffer.from('O{"notice":"reset","latest":1}')],
    ['a message of another kind', Buffer.concat([Buffer.of(0), encodeBinary(example).subarray(1)])],
    ['the head of a message alone', encodeBinary(example).subarray(0, 28)],
  ])('%s is foreign', (_name, bytes) => {
    expect(reader.read(bytes)).toBe(false);
    expect(reader.notice(bytes)).toBeUndefined();
  });

  test('is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const read = headerOf(Buffer.from(bytes));
        expect(read?.intact ?? false).toBe(false);
      }),
    );
  });
});
