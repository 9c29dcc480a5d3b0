import { expect, test } from 'vitest';
import { Paths } from './paths.ts';

test('what stands at a path is found by any target there, and below a path that ends in a slash', () => {
  const paths = new Paths<string>();
  for (const path of ['/', '/feed', '/sockets/', '/sockets/own']) paths.set(path, path);
  const found = ['/?a=/feed', '/feed?since=1', '/sockets/?b', '/sockets/deep', '/sockets/own?c'];
  expect(found.map((target) => paths.at(target))).toEqual(['/', '/feed', '/sockets/', '/sockets/', '/sockets/own']);
  expect(['', '/feed/', '/feeds', '/sockets', '//'].map((target) => paths.at(target))).toEqual(
    Array(5).fill(undefined),
  );
  expect(paths.own('/sockets/deep')).toBeUndefined();
  expect(paths.all).toEqual(['/', '/feed', '/sockets/', '/sockets/own']);
});
