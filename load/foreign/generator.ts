import { workerGenerator } from '../workers/worker-generator.ts';

/** The clients that an adapter names, in the worker processes that the native clients have. */
export const openGenerator = workerGenerator(new URL('worker-process.ts', import.meta.url));
