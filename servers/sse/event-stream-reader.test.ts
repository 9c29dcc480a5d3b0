import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventStreamReader } from './event-stream-reader.ts';

interface StreamEvent {
  readonly data: string;
  readonly type: string;
  readonly id: string;
}

interface Read {
  readonly events: StreamEvent[];
  readonly retries: number[];
  readonly violations: string[];
}

/** Bytes as characters of the same number, so that every byte is seen. */
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

function readPieces(pieces: readonly Buffer[]): Read {
  const read: Read = { events: [], retries: [], violations: [] };
  const reader: EventStreamReader = new EventStreamReader({
    event: (data, type) => void read.events.push({ data: data.toString('latin1'), type, id: reader.lastEventId }),
    retry: (retryMs) => void read.retries.push(retryMs),
    violation: (cause) => void read.violations.push(cause),
  });
  for (const piece of pieces) {
    // A connection reads into a buffer that it uses again.
    const reused = Buffer.from(piece);
    reader.read(reused);
    reused.fill('?');
  }
  return read;
}

function readText(text: string): Read {
  return readPieces([Buffer.from(text)]);
}

/** The HTML Standard word by word ("Interpreting an event stream"), of a stream that is all there. */
function interpreted(stream: string): Omit<Read, 'violations'> {
  const events: StreamEvent[] = [];
  const retries: number[] = [];
  let [data, type, id] = ['', '', ''];
  // What has no line end is no line yet.
  const lines = stream
    .replace(/^ï»¿/, '')
    .split(/\r\n|\n|\r/)
    .slice(0, -1);
  for (const line of lines) {
    if (line === '') {
      if (data !== '')
        events.push({ data: data.slice(0, -1), type: type === '' ? 'message' : utf8(type), id: utf8(id) });
      [data, type] = ['', ''];
    }
    const [, name = line, value = ''] = /^([^:]*):(?: ?)(.*)$/s.exec(line) ?? [];
    if (name === 'data' && line !== '') data += `${value}\n`;
    if (name === 'event') type = value;
    if (name === 'id' && !value.includes('\0')) id = value;
    if (name === 'retry' && /^\d{1,15}$/.test(value)) retries.push(Number(value));
  }
  return { events, retries };
}

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('data', 'id', 'event', 'retry', 'date', 'idx', 'ret', 'd', 'data2') },
  {
    weight: 6,
    arbitrary: fc.constantFrom(':', ': ', ':  ', ' ', '17', 'größer', '\0', '{"seq":17,"data":"a long enough value"}'),
  },
  { weight: 6, arbitrary: fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n', '\n\r') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('data: 1\n', 'id: 1\ndata: {"seq":1}\n\n', 'data\n', 'id\n', ': a comment\n'),
  },
  { weight: 1, arbitrary: fc.constantFrom('\uFEFF', '\uFEFF\uFEFF') },
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join('')));
const noise = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes));
const stream = fc
  .array(fc.oneof({ weight: 5, arbitrary: text }, noise), { maxLength: 4 })
  .map((parts) => Buffer.concat(parts));

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

test('any stream is what the standard says, however it is cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
      const { violations, ...read } = readPieces(cut(bytes, places));
      expect(read).toEqual(interpreted(bytes.toString('latin1')));
      expect(violations).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

test('a stream with everything in it is the same, cut at each byte and into bytes', () => {
  const bytes = Buffer.from(
    '\uFEFFretry: 10\r\n\r\n: comment\nid: 1\ndata: one\n\ndata:two\rdata: lines\r\revent: größer\r\nid\r\ndata\r\n\r\nid: 3\ndata: lost',
  );
  const whole = readPieces([bytes]);
  expect(whole).toEqual({
    events: [
      { data: 'one', type: 'message', id: '1' },
      { data: 'two\nlines', type: 'message', id: '1' },
      { data: '', type: 'größer', id: '' },
    ],
    retries: [10],
    violations: [],
  });
  for (let at = 0; at <= bytes.length; at++)
    expect(readPieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  expect(readPieces(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
});

describe('by the letter of the standard', () => {
  const dataOf = (source: string): string[] => readText(source).events.map(({ data }) => data);

  test.each([
    ['one space after the colon', 'data:  x\n\n', [' x']],
    ['a line without a colon', 'data\ndata\n\n', ['\n']],
    ['an event without data', 'id: 1\nevent: x\n\ndata: y\n\n', ['y']],
    ['an event that is not finished', 'data: x\n', []],
    ['an event that ends with a carriage return, at once', 'data: x\r\r', ['x']],
    ['one byte order mark', '\uFEFFdata: x\n\n', ['x']],
    ['and not two', '\uFEFF\uFEFFdata: x\n\ndata: y\n\n', ['y']],
    ['names that are longer, or shorter', 'datas: x\n\ndat: x\n\nDATA: x\n\n', []],
    ['comments', ': x\n:\n\n:data: y\n\n', []],
  ])('%s', (_name, source, data) => {
    expect(dataOf(source)).toEqual(data);
  });

  test('a type is of one event', () => {
    expect(readText('event: a\n\ndata: 1\n\nevent: b\ndata: 2\n\ndata: 3\n\n').events.map(({ type }) => type)).toEqual([
      'message',
      'b',
      'message',
    ]);
  });

  test('an id stays, is cleared by an empty one, and left out with NUL in it', () => {
    const ids = (source: string): string[] => readText(source).events.map(({ id }) => id);
    expect(ids('id: 1\ndata\n\ndata\n\nid\ndata\n\n')).toEqual(['1', '1', '']);
    expect(ids('id: 1\ndata\n\nid: 2\0\ndata\n\n')).toEqual(['1', '1']);
    expect(ids(`id: ${'9'.repeat(100)}\nid: 8\ndata\n\n`)).toEqual(['8']);
  });

  test('an id counts once its event is dispatched', () => {
    const reader = new EventStreamReader({
      event: () => undefined,
      retry: () => undefined,
      violation: () => undefined,
    });
    const seen = ['id: 1\n\n', 'id: 22\n', 'id: 333\n', '\n', 'id: 4'].map((part) => {
      reader.read(Buffer.from(part));
      return reader.lastEventId;
    });
    expect(seen).toEqual(['1', '1', '1', '333', '333']);
  });

  test('retry takes digits alone', () => {
    expect(
      readText('retry: 1\nretry:2\nretry: -3\nretry: 4s\nretry\nretry: 0x5\nretry:  6\nretry: 70\n').retries,
    ).toEqual([1, 2, 70]);
  });
});

describe('what has no end', () => {
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  const upTo = (megabytes: number): Buffer[] => Array.from({ length: megabytes }, () => megabyte);

  test.each([
    ['a line', [Buffer.from('data: ')]],
    ['a comment', [Buffer.from(':')]],
  ])('%s, is not waited for', (_name, beginning) => {
    expect(readPieces([...beginning, ...upTo(63)]).violations).toEqual([]);
    expect(readPieces([...beginning, ...upTo(65), Buffer.from('\n\ndata: late\n\n')])).toEqual({
      events: [],
      retries: [],
      violations: ['large-message'],
    });
  });

  test('an event of many lines, neither', () => {
    const line = Buffer.from(`data: ${'x'.repeat(1024 * 1024 - 1)}\n`);
    const lines = (count: number): Buffer[] => Array.from({ length: count }, () => line);
    const large = readPieces([...lines(64), Buffer.from('\n')]);
    expect(large.violations).toEqual([]);
    expect(large.events[0]?.data).toHaveLength(64 * 1024 * 1024 - 1);
    expect(readPieces([...lines(65), Buffer.from('\n')])).toMatchObject({ events: [], violations: ['large-message'] });
  });

  test('lines that end in a carriage return alone cost no more than others', () => {
    const bytes = Buffer.from('data: twenty bytes long\r\r'.repeat(10_000));
    expect(readPieces([bytes]).events).toHaveLength(10_000);
  });
});
