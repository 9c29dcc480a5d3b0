/** Sent to a test host: runs those test files in turn until one of them fails. */
export interface RunTests {
  /** The files that have changed since the last run. */
  readonly changed: readonly string[];
  readonly tests: readonly string[];
}

export interface TestRun {
  readonly failed: string | null;
  /** Of those test files that were run, in their order. */
  readonly durationsMs: readonly number[];
}

export type TestHostReport = { readonly kind: 'ready' } | ({ readonly kind: 'ran' } & TestRun);

/** Between the process of a host and the thread in it that runs the tests. */
export const CHANNEL = 'feedbench-mutants';
/** The test file that the thread starts with; the host's copy of the tree has it. */
export const FIRST_TEST = 'test-loop.test.ts';
