import { expect, test } from 'vitest';
import { foreignInWords, printable, withoutSecrets } from './printable.ts';

test('what people write stays as it is, up to a length', () => {
  expect(printable('größer 🛰️ "as it was" ~')).toBe('größer 🛰️ "as it was" ~');
  expect(printable('x'.repeat(120))).toBe('x'.repeat(120));
  expect(printable('x'.repeat(121))).toBe(`${'x'.repeat(120)}…`);
});

test.each(['\u0000', '\u001b', '\u007f', '\u009f', '\u200f', '\u2028', '\u202e', '\ufeff'])(
  'what cannot be seen is written as JSON escapes it: %j',
  (character) => {
    const escaped = printable(`a${character}b${character}`);
    expect(escaped).toMatch(/^a\\u[\da-f]{4}b\\u[\da-f]{4}$/);
    expect(JSON.parse(`"${escaped}"`)).toBe(`a${character}b${character}`);
  },
);

test('what is foreign is told by how it begins', () => {
  expect(foreignInWords('<html>\n')).toBe('the server sent text that is no message, beginning with <html>\\u000a');
  expect(foreignInWords('')).toBe('the server sent a message with nothing in it');
});

test.each([
  ['ws://127.0.0.1:8080/chat', 'ws://127.0.0.1:8080/chat'],
  ['ws://h/?token=QQ', 'ws://h/?token=…'],
  ['wss://h:1/a/@b?x=1&QQ&y=a=b#QQ', 'wss://h:1/a/@b?x=…&…&y=…#…'],
  ['ws://user:pw@h/', 'ws://…@h/'],
  ['http:user:pw@h', 'http://…@h/'],
  ['ws://user:p/w@h/', 'ws://…@h/'],
  ['ws://user:p?w@h/?token=QQ', 'ws://…@h/?token=…'],
  ['nonsense?token=QQ', 'nonsense?token=…'],
  ['/login?next=QQ', '/login?next=…'],
])('of %s what may be secret is left out', (address, said) => {
  expect(withoutSecrets(address)).toBe(said);
});
