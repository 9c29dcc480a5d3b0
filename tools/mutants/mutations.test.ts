import { expect, test } from 'vitest';
import { mutantsOf, mutate } from './mutations.ts';

/** What the source can become. */
function changed(source: string): string[] {
  return mutantsOf('a.ts', source).map((mutant) => mutate(source, mutant));
}

test.each([
  ['const a = b < c;', ['const a = b <= c;', 'const a = b >= c;']],
  ['const a = b === c;', ['const a = b !== c;']],
  ['const a = b - c;', ['const a = b + c;']],
  ['const a = b && c;', ['const a = b || c;']],
  ['const a = b ?? c;', ['const a = b && c;']],
  ['const a = !b;', ['const a = b;']],
  ['const a = b?.c;', ['const a = b.c;']],
  ['const a = b?.[0];', ['const a = b[0];', 'const a = b?.[1];']],
  ['const a = 7;', ['const a = 8;', 'const a = 6;']],
  ['const a = 0;', ['const a = 1;']],
  ["const a = 'text';", ["const a = '';"]],
  ["const a = 'bytesDown';", ["const a = 'bytesUp';"]],
  ['const a = true;', ['const a = false;']],
  ['const a = b.min(c);', ['const a = b.max(c);']],
  ['const a = b.toSorted(c);', ['const a = b;']],
  ['const a = startNs(b.startNs, endNs);', ['const a = startNs(b.endNs, endNs);']],
  ['a.push(b);', [';', 'a.unshift(b);']],
  ['if (a) b = c;', ['if (true) b = c;', 'if (false) b = c;', 'if (a) ;']],
  ['const a = /^b$/;', ['const a = /b$/;', 'const a = /^b/;']],
  ['const a = () => b();', ['const a = () => undefined;']],
  ['function a() { return b; }', ['function a() { return; }']],
  ['function a() { b(); }', ['function a() {}', 'function a() { ; }']],
  ['function a() { throw b; }', ['function a() {}', 'function a() { ; }']],
])('%s can break in each of the ways that are known', (source, expected) => {
  expect(changed(source).toSorted()).toEqual(expected.toSorted());
});

test.each([
  ["import { a } from './a.ts';"],
  ['interface A { readonly kind: 1 | 2 }'],
  ["type A = 'a' | 'b';"],
  ['const a = b as 1;'],
  ['function a() { return undefined; }'],
  ['function a() { return b satisfies never; }'],
  ["export * from './a.ts';"],
])('types and imports stay: %s', (source) => {
  expect(changed(source)).toEqual([]);
});

test('texts are joined, never subtracted', () => {
  expect(changed("const a = b + 'c';")).toEqual(["const a = b + '';"]);
});

test('what does not parse is no mutant', () => {
  const source = 'class A extends B { constructor() { super(1); } }';
  for (const text of changed(source)) expect(() => mutantsOf('a.ts', text)).not.toThrow();
});

test('a mutant keeps its name when its line moves', () => {
  const names = (source: string): string[] => mutantsOf('a.ts', source).map((one) => one.original + one.changed);
  expect(names('\n\n  const a = b < c;\n')).toEqual(names('const a = b < c;'));
});

test('a mutant says where it is, and both lines', () => {
  const [first] = mutantsOf('a.ts', 'const a = 1;\n\nconst b = c > d;\n').slice(2);
  expect(first).toMatchObject({ path: 'a.ts', line: 3, original: 'const b = c > d;', changed: 'const b = c >= d;' });
});
