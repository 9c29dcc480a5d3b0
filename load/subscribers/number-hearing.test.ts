import { expect, test } from 'vitest';
import type { MessageHeader } from '../../scenarios/feed/message.ts';
import { NumberHearing } from './number-hearing.ts';

function hear(...subscribers: readonly (readonly number[])[]): NumberHearing {
  const hearing = new NumberHearing();
  for (const numbers of subscribers) {
    const listener = hearing.open();
    for (const seq of numbers) listener.message({ seq } as MessageHeader);
  }
  return hearing;
}

test.each([
  ['all in turn', [7, 8, 9], { expected: 3, received: 3, lost: 0, duplicated: 0, reordered: 0 }],
  ['one missing in between', [7, 9], { expected: 3, received: 2, lost: 1, duplicated: 0, reordered: 0 }],
  ['one twice', [7, 8, 8, 9], { expected: 3, received: 4, lost: 0, duplicated: 1, reordered: 0 }],
  ['two swapped', [7, 9, 8], { expected: 3, received: 3, lost: 0, duplicated: 0, reordered: 1 }],
  ['the first two swapped', [8, 7, 9], { expected: 3, received: 3, lost: 0, duplicated: 0, reordered: 1 }],
  ['an old one long after', [8, 9, 5, 5], { expected: 5, received: 4, lost: 2, duplicated: 1, reordered: 1 }],
  ['nothing', [], { expected: 0, received: 0, lost: 0, duplicated: 0, reordered: 0 }],
])('%s', (_name, numbers, expected) => {
  // What a message holds nobody knows: whether it is damaged, or another one, is not 0 but unknown.
  expect(hear(numbers).audit()).toMatchObject({ ...expected, subscribers: 1, corrupted: null, misplaced: null });
});

test('each subscriber is to get what lies between its own first and last', () => {
  const hearing = hear([1, 2, 3], [3, 5]);
  expect(hearing.audit()).toMatchObject({ subscribers: 2, expected: 6, received: 5, lost: 1 });
  expect(hearing.numbers).toEqual({ first: 1, last: 5 });
  expect(hear([]).numbers).toBeUndefined();
});
