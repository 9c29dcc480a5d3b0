import { defineConfig } from 'vitest/config';
import { REAL_TIME_TAG } from './scenarios/testing/conditions.ts';
import { TestNotes } from './tools/test-notes.ts';

const endToEnd = ['**/*.e2e.test.ts'];
const notOurs = ['**/node_modules/**', 'reports/out/**', '.feedbench/**', 'coverage/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 20_000,
    tags: [REAL_TIME_TAG],
    // The runner's own summary is the last thing that is printed.
    reporters: [new TestNotes(), 'default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...notOurs, ...endToEnd],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          // These measure load, so nothing else may run beside them.
          name: 'end-to-end',
          include: endToEnd,
          exclude: notOurs,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
