import { expect, test } from 'vitest';
import { LineReader } from './line-reader.ts';
import { type Line, LINE_MARK } from './lines.ts';

test('lines with the mark are read however the output is cut, the rest are the words of k6', () => {
  const lines: Line[] = [];
  const reader = new LineReader((line) => lines.push(line));
  const output = `starting\n${LINE_MARK}{"kind":"opened","client":0,"atMs":5}\n${LINE_MARK}{"kind":"foreign","client":1}\nError: planted\n\tat subscribe (websocket.ts:1)\n\n`;
  for (const character of output) reader.read(character);
  expect(lines).toEqual([
    { kind: 'opened', client: 0, atMs: 5 },
    { kind: 'foreign', client: 1 },
  ]);
  expect(reader.lastWords).toBe('Error: planted');
});

test('k6 that has said nothing has no last words', () => {
  expect(new LineReader(() => undefined).lastWords).toBe('');
});

test('a line that does not end is not kept for ever', () => {
  const reader = new LineReader(() => undefined);
  const piece = 'x'.repeat(2 ** 20);
  expect(() => {
    for (let pieces = 0; pieces < 20; pieces += 1) reader.read(piece);
  }).toThrow('longer than 16 MiB');
});
