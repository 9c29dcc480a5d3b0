import { expect, test } from 'vitest';
import { type Comparison, comparisonText, isMet } from './comparison.ts';

const measured: Comparison = {
  question: 'a delivery',
  unit: 'µs',
  ours: 'the door',
  theirs: 'a bare loop',
  turns: [
    { ours: 11, theirs: 10 },
    { ours: 10, theirs: 10 },
    { ours: 36, theirs: 30 },
  ],
};

test('a comparison says both sides, and ours as a multiple of theirs turn by turn', () => {
  expect(comparisonText(measured)).toBe('a delivery\n  the door 11.0 µs against a bare loop 10.0: 1.10 × (1.00…1.20)');
});

test.each([
  [{ atMost: 1.1 }, true, 'aim ≤ 1.1 ×: met'],
  [{ atMost: 1.05 }, false, 'aim ≤ 1.05 ×: MISSED'],
  [{ atLeast: 1.1 }, true, 'aim ≥ 1.1 ×: met'],
  [{ atLeast: 3 }, false, 'aim ≥ 3 ×: MISSED'],
])('an aim of %j stands beside it', (aim, met, says) => {
  expect(isMet({ ...measured, aim })).toBe(met);
  expect(comparisonText({ ...measured, aim })).toContain(`(1.00…1.20); ${says}`);
});
