import * as fc from 'fast-check';
import type { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import * as ws from 'ws';
import type { DeflateAgreement } from '../compression/permessage-deflate.ts';
import { closeFrame, deflated, encodedFrame, type FrameShape } from '../testing/raw-websocket.ts';
import { FrameReader, maskedClose, maskedFrame, OPCODE } from './frames.ts';

/** What ws itself reads with; its types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** The reader against frames that the ws library has encoded. */

type Told =
  | { readonly kind: 'message' | 'ping'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly text: string }
  | { readonly kind: 'violation'; readonly text: string };

function read(chunks: readonly Buffer[], deflate?: DeflateAgreement): Told[] {
  const told: Told[] = [];
  const reader = new FrameReader(
    {
      message: (bytes) => void told.push({ kind: 'message', text: bytes.toString() }),
      ping: (bytes) => void told.push({ kind: 'ping', text: bytes.toString() }),
      close: (code, text) => void told.push({ kind: 'close', code, text }),
      violation: (text) => void told.push({ kind: 'violation', text }),
    },
    deflate,
  );
  // As from a socket: all chunks come in one buffer, which the next overwrites.
  const shared = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)));
  for (const chunk of chunks) {
    shared.fill(0xff);
    chunk.copy(shared);
    reader.read(shared.subarray(0, chunk.length));
  }
  return told;
}

const text = (value: string, shape: Partial<FrameShape> = {}): Buffer =>
  encodedFrame(value, { opcode: OPCODE.text, ...shape });

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** Lengths around the changes from 7 to 16 and from 16 to 64 bits (section 5.2). */
const length = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000));

const item = fc.oneof(
  length.chain((size) => fc.record({ kind: fc.constant('message' as const), text: fc.constant('m'.repeat(size)) })),
  fc.record({ kind: fc.constant('ping' as const), text: fc.string({ maxLength: 30 }) }),
  fc.record({ kind: fc.constant('pong' as const), text: fc.string({ maxLength: 30 }) }),
  fc.record({
    kind: fc.constant('fragments' as const),
    parts: fc.array(fc.string({ maxLength: 200 }), { minLength: 2, maxLength: 5 }),
  }),
);

/** A fragmented message has a ping between its fragments, which is allowed (section 5.4). */
function encodeItem(one: typeof item extends fc.Arbitrary<infer T> ? T : never): { bytes: Buffer; told: Told[] } {
  switch (one.kind) {
    case 'message':
      return { bytes: text(one.text), told: [{ kind: 'message', text: one.text }] };
    case 'ping':
      return {
        bytes: encodedFrame(Buffer.from(one.text), { opcode: OPCODE.ping }),
        told: [{ kind: 'ping', text: one.text }],
      };
    case 'pong':
      return { bytes: encodedFrame(Buffer.from(one.text), { opcode: OPCODE.pong }), told: [] };
    case 'fragments': {
      const frames = one.parts.flatMap((part, index) => [
        text(part, { opcode: index === 0 ? OPCODE.text : OPCODE.continuation, fin: index === one.parts.length - 1 }),
        ...(index === 0 ? [encodedFrame(Buffer.from('between'), { opcode: OPCODE.ping })] : []),
      ]);
      const told: Told[] = [
        { kind: 'ping', text: 'between' },
        { kind: 'message', text: one.parts.join('') },
      ];
      return { bytes: Buffer.concat(frames), told };
    }
    default:
      return one satisfies never;
  }
}

test('what ws encodes is read, wherever the network cuts it', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 40 }), (items, places) => {
      const parts = items.map(encodeItem);
      const chunks = cut(Buffer.concat(parts.map(({ bytes }) => bytes)), places);
      expect(read(chunks)).toEqual(parts.flatMap(({ told }) => told));
    }),
    { numRuns: 200 },
  );
});

test('what is read byte by byte is the same', () => {
  const bytes = Buffer.concat([text('one'), text('m'.repeat(70_000)), closeFrame(1001, 'server shutting down')]);
  expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual([
    { kind: 'message', text: 'one' },
    { kind: 'message', text: 'm'.repeat(70_000) },
    { kind: 'close', code: 1001, text: 'server shutting down' },
  ]);
});

describe('a close', () => {
  test.each([1000, 1001, 1008, 4999])('with code %i', (code) => {
    expect(read([closeFrame(code, 'why')])).toEqual([{ kind: 'close', code, text: 'why' }]);
  });

  test('without a code is 1005', () => {
    expect(read([encodedFrame(Buffer.alloc(0), { opcode: OPCODE.close })])).toEqual([
      { kind: 'close', code: 1005, text: '' },
    ]);
  });

  test('is the last that is read', () => {
    expect(read([Buffer.concat([closeFrame(1000, ''), text('after')]), text('later')])).toHaveLength(1);
  });
});

describe('a violation', () => {
  const huge = Buffer.from([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]);

  test.each<[string, Buffer]>([
    ['a mask', text('masked', { mask: true })],
    ['reserved bits', text('compressed', { rsv1: true })],
    ['an unknown opcode', encodedFrame(Buffer.from('x'), { opcode: 3 })],
    ['a continuation of nothing', text('x', { opcode: OPCODE.continuation })],
    ['a message inside another', Buffer.concat([text('a', { fin: false }), text('b')])],
    ['a length that nobody sends', huge],
    ['a ping in fragments', encodedFrame(Buffer.from('x'), { opcode: OPCODE.ping, fin: false })],
    ['a ping that is too long', encodedFrame(Buffer.alloc(126), { opcode: OPCODE.ping })],
  ])('%s: told once, and nothing is read after it', (_name, bytes) => {
    const told = read([bytes, text('after')]);
    expect(told.map(({ kind }) => kind)).toEqual(['violation']);
  });

  test('fragments without end, however small each is', () => {
    const part = encodedFrame(Buffer.alloc(1024 * 1024), { opcode: OPCODE.continuation, fin: false });
    const told = read([text('', { fin: false }), ...Array.from({ length: 65 }, () => part)]);
    expect(told.map(({ kind }) => kind)).toEqual(['violation']);
  });
});

describe('where deflate was agreed on', () => {
  const AGREED = { takesOver: true, windowBits: 15 };
  const values = ['one and the same', 'one and the same', 'größer', '', 'm'.repeat(70_000)];
  const payloads = deflated(values.map((value) => Buffer.from(value)));

  function frame(payload: Buffer, shape: Partial<FrameShape> = {}): Buffer {
    return encodedFrame(payload, { opcode: OPCODE.text, rsv1: true, ...shape });
  }

  /** Each message deflated as a whole and then cut, with a ping in between; only its first frame says so (RFC 7692, section 6). */
  function inFragments(payload: Buffer): Buffer {
    const rest = { opcode: OPCODE.continuation, rsv1: false };
    return Buffer.concat([
      frame(payload.subarray(0, 1), { fin: false }),
      encodedFrame('between', { opcode: OPCODE.ping }),
      frame(payload.subarray(1, 3), { ...rest, fin: false }),
      frame(payload.subarray(3), rest),
    ]);
  }

  test('messages are inflated, each knowing those before it, wherever the network cuts them', () => {
    const bytes = Buffer.concat(payloads.map((payload) => frame(payload)));
    const expected = values.map((value) => ({ kind: 'message', text: value }));
    expect(read([bytes], AGREED)).toEqual(expected);
    for (let place = 1; place < bytes.length; place++) expect(read(cut(bytes, [place]), AGREED)).toEqual(expected);
    expect(
      read(
        [...bytes].map((byte) => Buffer.from([byte])),
        AGREED,
      ),
    ).toEqual(expected);
  });

  test('fragments are inflated together', () => {
    const bytes = Buffer.concat(payloads.map(inFragments));
    const messages = read([bytes], AGREED).filter(({ kind }) => kind === 'message');
    expect(messages).toEqual(values.map((value) => ({ kind: 'message', text: value })));
  });

  test('a message that was not deflated is taken as it is, and leaves the window alone', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = payloads;
    const bytes = Buffer.concat([frame(first), text('plain'), frame(second)]);
    expect(read([bytes], AGREED).map((told) => told.kind === 'message' && told.text)).toEqual([
      'one and the same',
      'plain',
      'one and the same',
    ]);
  });

  const [some = Buffer.alloc(0)] = payloads;
  const [notUtf8 = some] = deflated([Buffer.from([0xed, 0xa0, 0x80])]);
  const [bomb = some] = deflated([Buffer.alloc(64 * 1024 * 1024 + 1)]);

  test.each([
    ['what is no deflate', frame(Buffer.from('hello')), 'deflate'],
    ['text that is not UTF-8', frame(notUtf8), 'utf8'],
    ['more than a message may hold', frame(bomb), 'large-message'],
    ['more than a message may hold, in fragments', inFragments(bomb), 'large-message'],
    [
      'a continuation that says it is deflated',
      Buffer.concat([frame(some, { fin: false }), frame(some, { opcode: OPCODE.continuation })]),
      'reserved-bits',
    ],
    ['a ping that says it is deflated', encodedFrame('x', { opcode: OPCODE.ping, rsv1: true }), 'reserved-bits'],
    ['other reserved bits', Buffer.from([0xa1, 0x00]), 'reserved-bits'],
    ['other reserved bits besides', Buffer.from([0xe1, 0x00]), 'reserved-bits'],
  ])('%s is a violation, and nothing is read after it', (_name, bytes, cause) => {
    const told = read([bytes, text('after')], AGREED).filter(({ kind }) => kind !== 'ping');
    expect(told).toEqual([{ kind: 'violation', text: cause }]);
  });
});

/** What the server of ws makes of frames. */
function readByWs(frames: readonly Buffer[]): string[] {
  const told: string[] = [];
  const receiver = new Receiver({ isServer: true });
  receiver.on('message', (bytes: Buffer, isBinary) => told.push(`${isBinary ? 'binary' : 'text'} ${bytes.toString()}`));
  receiver.on('pong', (bytes: Buffer) => told.push(`pong ${bytes.toString()}`));
  receiver.on('conclude', (code) => told.push(`close ${code}`));
  for (const frame of frames) receiver.write(frame);
  return told;
}

describe('what the client says', () => {
  test.each([0, 1, 2, 3, 4, 125, 126, 127, 65_535, 65_536, 70_000])('in %i bytes, is read by ws', (size) => {
    const said = '0123456789'.repeat(size).slice(0, size);
    const frames = [
      maskedFrame(OPCODE.text, Buffer.from(said)),
      maskedFrame(OPCODE.binary, Buffer.from(said)),
      maskedFrame(OPCODE.pong, Buffer.from('hi')),
      maskedClose(1000),
    ];
    expect(readByWs(frames)).toEqual([`text ${said}`, `binary ${said}`, 'pong hi', 'close 1000']);
  });

  test('is under another mask each time', () => {
    const masks = Array.from({ length: 5000 }, () => maskedFrame(OPCODE.text, Buffer.alloc(4)).readUInt32BE(2));
    expect(new Set(masks).size).toBeGreaterThan(4990);
  });
});
