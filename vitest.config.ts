import { defineConfig } from 'vitest/config';
import { REAL_TIME_TAG } from './scenarios/testing/conditions.ts';
import { TestNotes } from './tools/test-notes.ts';

const endToEnd = ['**/*.e2e.test.ts'];
/** Those that look at no figure that hangs on time: at pages, at what the program says and writes, and at what it leaves behind. */
export const UNHURRIED: readonly string[] = [
  'cli/accidents.e2e.test.ts',
  'cli/addressed.e2e.test.ts',
  'cli/audit.e2e.test.ts',
  'cli/chat.e2e.test.ts',
  'cli/claims.e2e.test.ts',
  'cli/compare.e2e.test.ts',
  'cli/doors.e2e.test.ts',
  'cli/hosts.e2e.test.ts',
  'cli/interrupts.e2e.test.ts',
  'cli/k6.e2e.test.ts',
  'cli/race.e2e.test.ts',
  'cli/secrets.e2e.test.ts',
  'cli/serve.e2e.test.ts',
  'cli/terminal.e2e.test.ts',
  'cli/tokens.e2e.test.ts',
  'examples/own-server.e2e.test.ts',
  'reports/chart-reading.e2e.test.ts',
  'reports/html-page.e2e.test.ts',
  'reports/page-craft.e2e.test.ts',
  'tools/package/package.e2e.test.ts',
  'tools/planted-transport/planted-transport.e2e.test.ts',
];
const notOurs = ['**/node_modules/**', 'reports/out/**', '.feedbench/**', 'coverage/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 20_000,
    // What is waited for is there in no time; that a busy machine is late with it is no fault.
    expect: { poll: { timeout: 10_000 } },
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
          include: [...UNHURRIED],
          exclude: notOurs,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // These measure, so nothing else may run beside them.
          name: 'end-to-end',
          include: endToEnd,
          exclude: [...notOurs, ...UNHURRIED],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
