import { expect, test } from 'vitest';
import { checkDescriptors, parseHardLimit, usableDescriptors } from './descriptors.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95000                95000                processes
Max open files            1024                 20000                files
`;

test('the hard limit counts, because Node raises its soft one', () => {
  expect(parseHardLimit(LIMITS)).toBe(20_000);
  expect(parseHardLimit(LIMITS.replace('20000', 'unlimited'))).toBe(Number.MAX_SAFE_INTEGER);
  expect(usableDescriptors()).toBeGreaterThan(0);
});

test('clients that do not fit are refused with the number that would', () => {
  expect(() => checkDescriptors(100, 1, 100)).not.toThrow();
  expect(() => checkDescriptors(300, 3, 100)).not.toThrow();
  expect(() => checkDescriptors(301, 3, 100)).toThrow(/at most 300 fit/);
});
