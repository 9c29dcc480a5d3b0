import { expect, test } from 'vitest';
import { meantBy, referencesOf } from './references.ts';

const SOURCE = `
import { a } from './a.ts';
import type { B } from '../b.ts';
export * from './c.ts';
export { d } from '../d/d.ts';
import ws from 'ws';
import { join } from 'node:path';
const e = () => import('./e.ts');
const f = new URL('f-process.ts', import.meta.url);
const g = new URL(\`scripts/\${name}.ts\`, import.meta.url);
const h = join(import.meta.dirname, '..', 'workloads');
const i = join(dirname(dirname(import.meta.dirname)), 'LICENSE');
const j = import.meta.resolve('./j.ts');
const k = join(import.meta.dirname, name);
const l = new URL('/path', 'http://127.0.0.1');
const m = 'm.ts';
`;

test('every way to name a file is followed', () => {
  const { references } = referencesOf('x/y/z.ts', SOURCE);
  expect(references.map(({ target }) => target)).toEqual([
    'x/y/a.ts',
    'x/b.ts',
    'x/y/c.ts',
    'x/d/d.ts',
    'x/y/e.ts',
    'x/y/f-process.ts',
    'x/y/scripts/*.ts',
    'x/workloads',
    'LICENSE',
    'x/y/j.ts',
  ]);
  for (const { start, end, words } of references) {
    const last = words.split('/').at(-1) ?? '';
    expect(SOURCE.slice(start, end)).toMatch(last.startsWith('*') ? /^`.*`$/ : `${last}'`);
  }
});

test('what is filled in stands for each file that fits, and a folder for what it holds', () => {
  const files = ['x/scripts/a.ts', 'x/scripts/b.ts', 'x/scripts/deep/c.ts', 'x/other/d.json'];
  const meant = (target: string): string[] => meantBy({ target, start: 0, end: 0, words: '' }, files);
  expect(meant('x/scripts/*.ts')).toEqual(['x/scripts/a.ts', 'x/scripts/b.ts']);
  expect(meant('x/other')).toEqual(['x/other/d.json']);
  expect(meant('x/othe')).toEqual([]);
});

test('a program whose name is not written where it is looked for is refused', () => {
  expect(() => referencesOf('a/b.ts', 'start(new URL(program, import.meta.url));')).toThrow(
    'a/b.ts: new URL(…, import.meta.url) names no file: write its name there',
  );
});
