import { workerGenerator } from '../workers/worker-generator.ts';

/** Pages in headless Chromium: a worker drives them, reads what they tell, records and audits. */
export const openGenerator = workerGenerator(new URL('worker-process.ts', import.meta.url), { hasProcesses: true });
