import { defineConfig } from 'vitest/config';

const endToEnd = ['**/*.e2e.test.ts'];
const notOurs = ['**/node_modules/**', 'reports/out/**', '.feedbench/**', 'coverage/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 20_000,
    // Many of these look at real time, and a shared machine may be taken away in the middle of it; hardly twice in a row.
    retry: 1,
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
