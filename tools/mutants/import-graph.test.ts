import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { ImportGraph, importsOf } from './import-graph.ts';
import { affordable, testsNear } from './related-tests.ts';

const ROOT = dirname(dirname(import.meta.dirname));

test('modules that are imported, now or later, and programs that are started count; types do not', () => {
  const source = `
    import { a } from './a.ts';
    import type { B } from './b.ts';
    const c = await import('../c/c.ts');
    const d = join(import.meta.dirname, 'd-process.ts');`;
  expect(importsOf('x/y.ts', source)).toEqual(['x/a.ts', 'c/c.ts', 'x/d-process.ts']);
});

test('what reaches a file is found over its importers, nearest first', () => {
  const paths = ['tools/syntax.ts', 'tools/mutants/mutations.ts', 'tools/mutants/mutations.test.ts'];
  const graph = new ImportGraph(ROOT, paths);
  expect([...graph.reaching('tools/syntax.ts')]).toEqual(paths.map((path, distance) => [path, distance]));
  expect(testsNear(graph, 'tools/syntax.ts')).toEqual(['tools/mutants/mutations.test.ts']);
});

test('tests that do not fit into the time for one mutant are left out, and those that could not be measured', () => {
  const durationsMs = new Map([
    ['quick', 100],
    ['slow', 3950],
    ['small', 10],
  ]);
  expect(affordable(['quick', 'slow', 'unknown', 'small'], durationsMs)).toEqual(['quick', 'small']);
});
