import { matchesGlob } from 'node:path';

/** What must not break unnoticed: it makes the figures, judges them, or puts them into words. */
export const AREAS: readonly string[] = [
  'scenarios/**',
  'reports/figures/*',
  'reports/theory/*',
  'reports/report/*',
  'load/subscribers/*',
  'load/trial/{record,warm-up,window}.ts',
  'load/machine/{descriptors,placement}.ts',
  'load/watch/{core-time,counter-readings,other-runs,processes,throttling}.ts',
  'servers/answering/*',
  'servers/feed/*',
  'servers/wire/*',
];

export function isMutated(path: string): boolean {
  return (
    path.endsWith('.ts') &&
    !path.endsWith('.test.ts') &&
    !path.includes('/testing/') &&
    AREAS.some((area) => matchesGlob(path, area))
  );
}

export function isUnitTest(path: string): boolean {
  return path.endsWith('.test.ts') && !path.endsWith('.e2e.test.ts');
}
