import { expect, test } from 'vitest';
import { LINKS, linkOf } from './links.ts';

test('a variant without any of it has no link', () => {
  expect(linkOf({})).toBeUndefined();
  expect(linkOf({ link: 'none' })).toBeUndefined();
});

test('what a variant says itself goes before what its link has, and a rate is that of both ways', () => {
  const { delayNs, bitsPerSecondDown, bitsPerSecondUp, loss } = LINKS.mobile;
  expect(linkOf({ link: 'mobile' })).toEqual({ delayNs, bitsPerSecondDown, bitsPerSecondUp, loss });
  expect(linkOf({ link: 'mobile', delayNs: 1, loss: 0.5 })).toEqual({
    delayNs: 1,
    bitsPerSecondDown,
    bitsPerSecondUp,
    loss: 0.5,
  });
  expect(linkOf({ rate: 1e6 })).toEqual({ delayNs: 0, bitsPerSecondDown: 1e6, bitsPerSecondUp: 1e6, loss: 0 });
});

test('what the names stand for is what is said of them', () => {
  // Half of the round trips of the sources, and their rates.
  expect(LINKS.lan).toMatchObject({ delayNs: 0.25e6, bitsPerSecondDown: 1e9 });
  expect(LINKS.broadband).toMatchObject({ delayNs: 20e6, bitsPerSecondDown: 10_240_000 });
  expect(LINKS.mobile).toMatchObject({ delayNs: 75e6, bitsPerSecondDown: 1_638_400, bitsPerSecondUp: 750_000 });
});
