import { expect, test } from 'vitest';
import { parseTarget } from './options.ts';

test('an address and a ratio stand beside each other', () => {
  expect(parseTarget('1.1')).toEqual({ ratio: 1.1 });
  expect(parseTarget('ws://127.0.0.1:1/')).toEqual({ address: 'ws://127.0.0.1:1/' });
  expect(parseTarget('1.1', parseTarget('ws://x/'))).toEqual({ address: 'ws://x/', ratio: 1.1 });
});

test('what is neither is told', () => {
  expect(() => parseTarget('0.5')).toThrow(/above 1/);
  expect(() => parseTarget(' ')).toThrow(/a ratio such as 1\.1, or an address/);
});
