import { expect, test } from 'vitest';
import { EncodedOnce } from './encoded-once.ts';

test('a form is made once for each entry, whatever the order in which they are asked for', () => {
  const made: string[] = [];
  const forms = new EncodedOnce((entry) => {
    made.push(entry.toString());
    return entry.length;
  });
  const [short, long] = [Buffer.from('a'), Buffer.from('bcd')];
  expect([short, short, long, short, long].map((entry) => forms.of(entry))).toEqual([1, 1, 3, 1, 3]);
  expect(made).toEqual(['a', 'bcd']);
});

test('equal entries that are two are made twice', () => {
  let count = 0;
  const forms = new EncodedOnce(() => (count += 1));
  expect([forms.of(Buffer.from('a')), forms.of(Buffer.from('a'))]).toEqual([1, 2]);
});
