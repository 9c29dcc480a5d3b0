import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleLines } from './visible.ts';

test('what a terminal would obey is shown instead', () => {
  expect(visible('a\u001B[31mb\u0007\u007F')).toBe('a␛[31mb␇␡');
  expect(visible('two\nlines\r\t')).toBe('two␊lines␍␉');
  // C1: a terminal may take U+009B for ESC [.
  expect(visible('\u009B2J')).toBe('<U+009B>2J');
  expect(visible('\u202Etxt.exe')).toBe('<U+202E>txt.exe');
});

test('ordinary text is left alone, in any script', () => {
  for (const text of ['WebSocket, in memory × 1', '23 µs … ├─┤ █░', 'Börse 株価 🚀']) expect(visible(text)).toBe(text);
});

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0x20_80 }).map((code) => String.fromCodePoint(code)) });

test('no control character is left, and lines stay lines', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      return !/\p{Cc}/u.test(visible(text)) && visibleLines(text).split('\n').length === text.split('\n').length;
    }),
  );
});
