import { join } from 'node:path';
import { createVitest } from 'vitest/node';
import { REAL_TIME_TAG } from '../../scenarios/testing/conditions.ts';
import { CHANNEL, FIRST_TEST, type RunTests, type TestHostReport } from './test-host-messages.ts';

// Runs test files of the project in its working directory, again and again, without starting anything anew: one thread
// of Vitest that never ends (test-loop.ts) is told through a channel what to run.

const channel = new BroadcastChannel(CHANNEL);
channel.addEventListener('message', (event) => {
  process.send?.((event as Event & { data: TestHostReport }).data);
});

const vitest = await createVitest({
  root: process.cwd(),
  watch: false,
  // The configuration of the project has no room for a runner of its own.
  config: false,
  include: ['**/*.test.ts'],
  testTimeout: 20_000,
  tags: [REAL_TIME_TAG],
  reporters: [{}],
  pool: 'threads',
  isolate: false,
  maxWorkers: 1,
  fsModuleCache: false,
  cache: false,
  runner: join(import.meta.dirname, 'test-loop.ts'),
});
await vitest.standalone();

process.on('message', (command: RunTests) => {
  for (const path of command.changed) vitest.invalidateFile(join(process.cwd(), path));
  channel.postMessage(command);
});
process.once('disconnect', () => process.exit(0));
await vitest.runTestSpecifications(await vitest.globTestSpecifications([FIRST_TEST]));
