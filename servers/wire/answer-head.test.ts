import { expect, test } from 'vitest';
import { type AnswerHead, findHead, hasToken } from './answer-head.ts';

const bytesOf = (...lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');

function headOf(...lines: readonly string[]): AnswerHead {
  const found = findHead(bytesOf(...lines));
  if (found.kind !== 'whole') throw new Error(`the head is ${found.kind}`);
  return found.head;
}

test('a head ends where the body begins, and is not there before', () => {
  const head = bytesOf('HTTP/1.1 200 OK', 'Content-Length: 2');
  for (let length = 0; length < head.length; length++) {
    expect(findHead(head.subarray(0, length))).toEqual({ kind: 'unfinished' });
  }
  expect(findHead(Buffer.concat([head, Buffer.from('ok')]))).toMatchObject({ kind: 'whole', end: head.length });
});

test('status, reason and fields are read; fields of one name are joined, whatever their case', () => {
  const { status, reason, fields } = headOf('HTTP/1.1 404 Not  Here', 'X-A: 1 ', 'x-a:\t2', 'X-B:');
  expect([status, reason]).toEqual([404, 'Not  Here']);
  expect([...fields]).toEqual([
    ['x-a', '1, 2'],
    ['x-b', ''],
  ]);
  expect(headOf('HTTP/1.1 200').reason).toBe('');
});

test.each([
  ['no status', 'HTTP/1.1 OK'],
  ['another version', 'HTTP/2.0 200 OK'],
  ['a status of no kind', 'HTTP/1.1 600 Odd'],
  ['something before it', ' HTTP/1.1 200 OK'],
])('a first line with %s is none', (_what, line) => {
  expect(findHead(bytesOf(line))).toEqual({ kind: 'wrong', cause: 'malformed-head' });
});

test.each(['No colon', 'Spaced : x', ': nameless', 'Lone: a\rb', 'Null: a\0b', ' Folded: x'])(
  '%j is no field',
  (line) => {
    expect(findHead(bytesOf('HTTP/1.1 200 OK', line))).toEqual({ kind: 'wrong', cause: 'malformed-head' });
  },
);

test('a head of 64 KiB is the longest', () => {
  const frame = 'HTTP/1.1 200 OK\r\nX: ';
  const whole = (length: number): Buffer => Buffer.from(`${frame}${'x'.repeat(length - frame.length)}\r\n\r\n`);
  expect(findHead(whole(64 * 1024)).kind).toBe('whole');
  expect(findHead(whole(64 * 1024 + 1))).toEqual({ kind: 'wrong', cause: 'endless-head' });
  expect(findHead(Buffer.alloc(64 * 1024, 'x'))).toEqual({ kind: 'unfinished' });
  expect(findHead(Buffer.alloc(64 * 1024 + 1, 'x'))).toEqual({ kind: 'wrong', cause: 'endless-head' });
});

test.each([
  [['Content-Length: 12'], { kind: 'length', bytes: 12 }],
  [['Content-Length: 12', 'Content-Length: 12'], { kind: 'length', bytes: 12 }],
  [['Content-Length: 12', 'Content-Length: 13'], { kind: 'wrong', cause: 'content-length' }],
  [['Content-Length: -1'], { kind: 'wrong', cause: 'content-length' }],
  [['Content-Length: 1234567890123456'], { kind: 'wrong', cause: 'content-length' }],
  [['Content-Length: 7x'], { kind: 'wrong', cause: 'content-length' }],
  [['Transfer-Encoding: Chunked'], { kind: 'chunks' }],
  [['Transfer-Encoding: gzip, chunked'], { kind: 'wrong', cause: 'transfer-encoding' }],
  [['Transfer-Encoding: chunked', 'Content-Length: 2'], { kind: 'wrong', cause: 'transfer-encoding' }],
  [[], { kind: 'close' }],
])('%j says how long the body is', (fields, framing) => {
  expect(headOf('HTTP/1.1 200 OK', ...fields).framing).toEqual(framing);
});

test.each(['204', '304'])('%s has no body whatever it says', (status) => {
  expect(headOf(`HTTP/1.1 ${status} x`, 'Content-Length: 5').framing).toEqual({ kind: 'length', bytes: 0 });
});

test.each([
  ['1.1', [], true],
  ['1.1', ['Connection: close'], false],
  ['1.1', ['Connection: x, Close'], false],
  ['1.0', [], false],
  ['1.0', ['Connection: Keep-Alive'], true],
  ['1.0', ['Connection: keep-alive, close'], false],
])('HTTP/%s with %j: the connection stays open is %s', (version, fields, isPersistent) => {
  expect(headOf(`HTTP/${version} 200 OK`, 'Content-Length: 0', ...fields).isPersistent).toBe(isPersistent);
});

test('a body that ends with the connection leaves none', () => {
  expect(headOf('HTTP/1.1 200 OK').isPersistent).toBe(false);
});

test('a token is a whole word of a list', () => {
  const fields = new Map([['connection', 'keep-alive-or-not,  Upgrade']]);
  expect(hasToken(fields, 'connection', 'upgrade')).toBe(true);
  expect(hasToken(fields, 'connection', 'keep-alive')).toBe(false);
  expect(hasToken(fields, 'upgrade', 'websocket')).toBe(false);
});
