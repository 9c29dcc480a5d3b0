import { join } from 'node:path';
import { type EvaluatedModules, TestRunner, vi } from 'vitest';
import { startTests } from 'vitest/internal/browser';
import { CHANNEL, type RunTests, type TestHostReport } from './test-host-messages.ts';

type Collected = Parameters<TestRunner['onAfterRunFiles']>[0];
type RunnerTask = Parameters<TestRunner['onAfterRunTask']>[0];

/**
 * The runner of a host's only thread. In place of its first test file it runs test files as it is told and for ever, with
 * modules that are evaluated anew, because starting a thread costs more than most tests.
 */
export default class TestLoop extends TestRunner {
  onBeforeRunFiles(): Promise<void> {
    const channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener('message', (event) => {
      const { data } = event as Event & { data: RunTests };
      void this.#run(data).then((report) => channel.postMessage(report));
    });
    channel.postMessage({ kind: 'ready' } satisfies TestHostReport);
    return Promise.withResolvers<never>().promise;
  }

  async #run({ changed, tests }: RunTests): Promise<TestHostReport> {
    for (const path of changed) this.#forget(join(this.config.root, path));
    const durationsMs: number[] = [];
    for (const test of tests) {
      const startMs = performance.now();
      const passed = await this.#passes(join(this.config.root, test));
      durationsMs.push(performance.now() - startMs);
      if (!passed) return { kind: 'ran', failed: test, durationsMs };
    }
    return { kind: 'ran', failed: null, durationsMs };
  }

  /** A thread keeps the code of a module that it has seen: for Vitest a change of a file is the end of its threads. */
  #forget(file: string): void {
    const { evaluatedModules } = (this as unknown as { workerState: { evaluatedModules: EvaluatedModules } })
      .workerState;
    for (const module of evaluatedModules.getModulesByFile(file) ?? []) evaluatedModules.invalidateModule(module);
  }

  async #passes(file: string): Promise<boolean> {
    let unhandled = 0;
    const count = (): void => {
      unhandled += 1;
    };
    process.on('unhandledRejection', count).on('uncaughtException', count);
    vi.resetModules();
    const files = await startTests([file], this.#quiet());
    process.off('unhandledRejection', count).off('uncaughtException', count);
    return unhandled === 0 && files.every(({ result }) => result?.state === 'pass');
  }

  /** This runner, but it tells nobody of its tests, and runs no more of a file after one that failed. */
  #quiet(): TestRunner {
    const { prototype } = TestRunner;
    const quiet = Object.create(this) as TestRunner;
    return Object.assign(quiet, {
      cancelRun: false,
      onCollectStart: (file: Collected[number]) => prototype.onCollectStart.call(quiet, file),
      onAfterRunFiles: (files: Collected) => prototype.onAfterRunFiles.call(quiet, files),
      onBeforeRunFiles: undefined,
      onCollected: undefined,
      onTaskUpdate: undefined,
      onCleanupWorkerContext: undefined,
      onAfterRunTask: (test: RunnerTask) => {
        prototype.onAfterRunTask.call(quiet, test);
        if (test.result?.state === 'fail') Object.assign(quiet, { cancelRun: true });
      },
    });
  }
}
