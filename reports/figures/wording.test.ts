import { expect, test } from 'vitest';
import { chosen, countOf, distinct, listOf, momentText, percentText, rangeText, signedPercent } from './wording.ts';

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c', 'd'], 'a, b, c and d'],
])('%j in a sentence', (items, text) => {
  expect(listOf(items)).toBe(text);
});

test.each([
  [0, '0 clients'],
  [1, '1 client'],
  [2, '2 clients'],
  [12_345, '12,345 clients'],
])('%d of a kind', (amount, text) => {
  expect(countOf(amount, 'client')).toBe(text);
});

test('a moment is told to the minute, with its zone', () => {
  expect(momentText('2026-11-24T22:39:58.123Z')).toBe('2026-11-24 22:39 UTC');
});

test('a share is a percentage with the digits asked for', () => {
  expect(percentText(0.12345)).toBe('12.3 %');
  expect(percentText(0.12345, 0)).toBe('12 %');
  expect(percentText(1, 2)).toBe('100.00 %');
});

test.each([
  [0.1234, '+12.3 %'],
  [-0.04, '−4.0 %'],
  [0.0004, '0.0 %'],
  [-0.0004, '0.0 %'],
])('a difference of %d', (share, text) => {
  expect(signedPercent(share)).toBe(text);
});

test.each([
  ['1.62 ms', '1.76 ms', '1.62 to 1.76 ms'],
  ['950 µs', '1.10 ms', '950 µs to 1.10 ms'],
  ['3', '4', '3 to 4'],
  ['1 min 02 s', '1 min 30 s', '1 min 02 s to 1 min 30 s'],
])('from %s to %s', (low, high, text) => {
  expect(rangeText(low, high)).toBe(text);
});

test('each thing once, where it came first', () => {
  expect(distinct(['b', 'a', 'b', 'c', 'a'])).toEqual(['b', 'a', 'c']);
});

test.each([
  ['3.00 s', '3 s'],
  ['200 B', '200 B'],
  ['1.50 s', '1.50 s'],
  ['10.0', '10'],
  ['1.05 s', '1.05 s'],
])('what somebody chose has no digits that pretend: %s', (text, shown) => {
  expect(chosen(text)).toBe(shown);
});
