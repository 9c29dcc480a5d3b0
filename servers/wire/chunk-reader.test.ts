import { describe, expect, test } from 'vitest';
import { ChunkReader } from './chunk-reader.ts';

interface Outcome {
  readonly state: ChunkReader['state'];
  readonly body: string;
  /** What was not taken. */
  readonly rest: string;
}

/** Reads the pieces as a connection does: what was not taken is given once more in front of the next. */
function readPieces(...pieces: readonly string[]): Outcome {
  let body = '';
  let rest = '';
  const reader = new ChunkReader((bytes) => (body += bytes.toString('latin1')));
  for (const piece of pieces) {
    const data = rest + piece;
    rest = data.slice(reader.read(Buffer.from(data, 'latin1')));
  }
  return { state: reader.state, body, rest };
}

const WHOLE = '5\r\nhello\r\n6;name="a b"\r\n world\r\n0\r\nX: y\r\n\r\n';

describe('a body in chunks', () => {
  test('is taken out of them, and what comes behind its end is left', () => {
    expect(readPieces(`${WHOLE}HTTP`)).toEqual({ state: 'whole', body: 'hello world', rest: 'HTTP' });
  });

  test('is the same wherever it is cut', () => {
    for (let cut = 0; cut <= WHOLE.length; cut += 1)
      expect(readPieces(WHOLE.slice(0, cut), WHOLE.slice(cut))).toEqual({
        state: 'whole',
        body: 'hello world',
        rest: '',
      });
    expect(readPieces(...Array.from(WHOLE))).toEqual({ state: 'whole', body: 'hello world', rest: '' });
  });

  test('is passed on as it comes, before its chunk is whole', () => {
    expect(readPieces('5\r\nhe')).toEqual({ state: 'open', body: 'he', rest: '' });
    const parts: string[] = [];
    new ChunkReader((bytes) => parts.push(bytes.toString())).read(Buffer.from('5\r\nhe'));
    expect(parts).toEqual(['he']);
  });

  test.each(['a', 'A', '00a', '00000000000a', 'a;x', 'a \t;x=1', 'a \t'])('has the size line %j', (size) => {
    expect(readPieces(`${size}\r\n0123456789\r\n0\r\n\r\n`)).toEqual({ state: 'whole', body: '0123456789', rest: '' });
  });

  test.each(['', 'g', '-1', ' a', '0x5', 'a x', '5\n', '000000000000a', ';x'])(
    'is wrong with the size line %j',
    (size) => {
      expect(readPieces(`${size}\r\n`).state).toBe('wrong');
    },
  );
});

describe('the end of the data', () => {
  test.each(['x\r\n', 'xy', '\rx', 'hello'])('is wrong where %j follows', (after) => {
    expect(readPieces(`1\r\na${after}`)).toMatchObject({ state: 'wrong', body: 'a' });
  });

  test('is awaited while its line end may still come', () => {
    expect(readPieces('1\r\na\r')).toEqual({ state: 'open', body: 'a', rest: '\r' });
  });
});

describe('who sends without an end is not waited for', () => {
  test.each(['\r\n', ''])('in a size line, ended by %j', (lineEnd) => {
    const longest = `0;${'x'.repeat(4094)}`;
    expect(readPieces(`${longest}${lineEnd}`).state).toBe('open');
    expect(readPieces(`${longest}x${lineEnd}`).state).toBe('wrong');
  });

  test('in trailers', () => {
    const trailers = (count: number): string => `0\r\n${'X: y\r\n'.repeat(count)}\r\n`;
    expect(readPieces(trailers(100)).state).toBe('whole');
    expect(readPieces(trailers(101)).state).toBe('wrong');
    expect(readPieces(`0\r\nX: ${'y'.repeat(4093)}\r\n`).state).toBe('open');
    expect(readPieces(`0\r\nX: ${'y'.repeat(4094)}`).state).toBe('wrong');
  });

  test('and nothing is taken any more', () => {
    expect(readPieces('hello\r\n', '1\r\na')).toEqual({ state: 'wrong', body: '', rest: '1\r\na' });
  });
});
