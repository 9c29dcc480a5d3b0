import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutate, type Mutant } from './mutations.ts';
import { FIRST_TEST, type RunTests, type TestHostReport, type TestRun } from './test-host-messages.ts';

const PROGRAM = join(import.meta.dirname, 'test-host-process.ts');

export type Outcome =
  | { readonly state: 'killed'; readonly by: string }
  | { readonly state: 'timeout' }
  | { readonly state: 'survived' };

/**
 * A copy of the work tree, and a process that runs its tests. Mutants are written into the copy alone. The process and
 * all that its tests start are ended together, and begun anew where a mutant does not end.
 */
export class TestHost implements AsyncDisposable {
  readonly #root: string;
  #changed: readonly string[] = [];
  #process: ChildProcess | undefined;

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(projectRoot: string, paths: readonly string[]): Promise<TestHost> {
    const root = await mkdtemp(join(tmpdir(), 'feedbench-mutants-'));
    for (const path of paths) await cp(join(projectRoot, path), join(root, path));
    await writeFile(join(root, FIRST_TEST), "import { test } from 'vitest';\ntest('starts', () => undefined);\n");
    await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
    return new TestHost(root);
  }

  async test(mutant: Mutant, tests: readonly string[], limitMs: number): Promise<Outcome> {
    const file = join(this.#root, mutant.path);
    const source = await readFile(file, 'utf8');
    await writeFile(file, mutate(source, mutant));
    this.#changed = [...this.#changed, mutant.path];
    try {
      const run = await this.run(tests, limitMs);
      if (run === undefined) return { state: 'timeout' };
      return run.failed === null ? { state: 'survived' } : { state: 'killed', by: run.failed };
    } finally {
      await writeFile(file, source);
      this.#changed = [mutant.path];
    }
  }

  /** Undefined where the tests did not end in time. */
  async run(tests: readonly string[], limitMs: number): Promise<TestRun | undefined> {
    this.#process ??= await this.#start();
    const host = this.#process;
    const report = await reportOf(host, { changed: this.#changed, tests }, limitMs);
    if (report?.kind === 'ran') return report;
    await this.#end();
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await rm(this.#root, { recursive: true, force: true });
  }

  async #start(): Promise<ChildProcess> {
    const host = spawn(process.execPath, [PROGRAM], {
      cwd: this.#root,
      // A group of its own, which ends as one.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    host.once('message', () => resolve());
    host.once('exit', (code) => reject(new Error(`the test host ended with exit code ${code ?? 'none'}`)));
    await promise;
    return host;
  }

  async #end(): Promise<void> {
    const host = this.#process;
    this.#process = undefined;
    if (host?.pid === undefined || host.exitCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    host.once('exit', () => resolve());
    process.kill(-host.pid, 'SIGKILL');
    await promise;
  }
}

/** Undefined where the host says nothing in time, or ends. */
async function reportOf(host: ChildProcess, command: RunTests, limitMs: number): Promise<TestHostReport | undefined> {
  const { promise, resolve } = Promise.withResolvers<TestHostReport | undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  const ended = (): void => resolve(undefined);
  host.once('message', (report: TestHostReport) => resolve(report));
  host.once('exit', ended);
  host.send(command);
  const report = await promise;
  clearTimeout(timer);
  host.off('exit', ended);
  host.removeAllListeners('message');
  return report;
}
