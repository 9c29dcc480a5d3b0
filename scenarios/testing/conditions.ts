import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why it was left out. */
    skipReason?: string;
  }
}

/** Options of a test or a suite that is left out, with the reason, where it lacks something. */
export function needs(there: boolean, reason: string): TestOptions {
  return there ? {} : { skip: true, meta: { skipReason: reason } };
}

/**
 * Tests whose outcome hangs on real time: a shared machine may be taken away in the middle of them, hardly twice in a row.
 * No others are tried again; what must not be left behind is looked for once.
 */
export const REAL_TIME_TAG = { name: 'real-time', description: 'looks at real time', retry: 1 } as const;

export const REAL_TIME: TestOptions = { tags: [REAL_TIME_TAG.name] };
