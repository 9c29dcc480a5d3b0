import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { treeFiles } from './tree.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const COMMENT = /^\s*(?:\/\/|\/?\*).*$/gm;

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

test('what tells how to call the program, or make, knows that a package is called otherwise and has no Makefile', () => {
  const targets = Array.from(read('Makefile').matchAll(/^([a-z0-9-]+):.*## /gm), ([, target]) => target);
  expect(targets).toContain('setup');
  const called = new RegExp(String.raw`\./feedbench\b(?!-)|\bmake (?:${targets.join('|')})\b`);
  const unaware = treeFiles(ROOT)
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => called.test(read(path).replaceAll(COMMENT, '')) && !read(path).includes('INSTALLATION'));
  expect(unaware).toEqual([]);
});
