import { workerGenerator } from '../workers/worker-generator.ts';

/** feedbench's own clients: the client half of each transport, raw on the socket, in worker processes. */
export const openGenerator = workerGenerator(new URL('worker-process.ts', import.meta.url));
