import type { ImportGraph } from './import-graph.ts';
import { isUnitTest } from './areas.ts';

/** A test file slower than this says little a second, and is left out. */
export const SLOWEST_TEST_MS = 20_000;
/** How long the tests of one mutant may take together, as measured without a mutant. */
const MOST_MS = 4000;

/** A test that reaches a file over more imports says little about it; the nearest of all are taken in any case. */
const NEAR = 2;
/** What these do not notice, the others hardly do, and each costs its time for every mutant that lives. */
const MOST_TESTS = 6;

/** The unit tests near the file: its own first, then by the number of imports between. */
export function testsNear(graph: ImportGraph, path: string): string[] {
  const own = path.replace(/\.ts$/, '.test.ts');
  const tests = [...graph.reaching(path)].filter(([reached]) => isUnitTest(reached));
  const farthest = Math.max(NEAR, tests[0]?.[1] ?? 0);
  return tests
    .filter(([, distance]) => distance <= farthest)
    .map(([test]) => test)
    .toSorted((a, b) => Number(b === own) - Number(a === own))
    .slice(0, MOST_TESTS);
}

/** Of those tests, in their order, what fits into the time for one mutant; the first in any case. */
export function affordable(tests: readonly string[], durationsMs: ReadonlyMap<string, number>): string[] {
  let spentMs = 0;
  return tests.filter((test, index) => {
    const durationMs = durationsMs.get(test);
    if (durationMs === undefined || (index > 0 && spentMs + durationMs > MOST_MS)) return false;
    spentMs += durationMs;
    return true;
  });
}
