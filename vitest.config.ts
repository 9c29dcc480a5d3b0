import { defineConfig } from 'vitest/config';
import { REAL_TIME_TAG } from './scenarios/testing/conditions.ts';
import { TestNotes } from './tools/test-notes.ts';

const endToEnd = ['**/*.e2e.test.ts'];
/** Those that look at no figure that hangs on time: at pages, at what the program says and writes, and at what it leaves behind. */
const unhurried = [
  'reports/**/*.e2e.test.ts',
  'tools/**/*.e2e.test.ts',
  'cli/{accidents,audit,chat,compare,doors,interrupts,secrets,serve,terminal,tokens}.e2e.test.ts',
];
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
          // Mostly they wait for the program, each in folders and networks of its own.
          name: 'end-to-end-unhurried',
          include: unhurried,
          exclude: notOurs,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // These measure, so nothing else may run beside them.
          name: 'end-to-end',
          include: endToEnd,
          exclude: [...notOurs, ...unhurried],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
