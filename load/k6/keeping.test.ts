import { expect, test } from 'vitest';
import { messagesToKeep } from './keeping.ts';

test.each([
  ['0.5 a second', { messages: 12, durationNs: 24e9 }, 1],
  ['just below 10 a second', { messages: 239, durationNs: 24e9 }, 1],
  ['10 a second', { messages: 240, durationNs: 24e9 }, 10],
  ['20 a second', { messages: 480, durationNs: 24e9 }, 20],
])('of a feed with %s a script keeps that many', (_, feed, kept) => {
  expect(messagesToKeep(feed)).toBe(kept);
});
