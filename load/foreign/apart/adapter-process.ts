import { Worker } from 'node:worker_threads';
import { Failure } from '../../../scenarios/failures.ts';
import { loadAdapter } from '../adapter-file.ts';
import { openWords } from '../links/link.ts';
import { rehearse } from '../rehearsal.ts';
import { readServerClock } from '../server-clock.ts';
import type { TargetAddress } from '../target-address.ts';
import type { AdapterAnswer, AdapterCommand, AdapterReport } from './adapter-job.ts';
import { fenceAdapter, uncaught } from './fence.ts';

const ALIVE_MS = 250;
let address: TargetAddress | undefined;

/** An adapter in a loop that never ends does not see that nobody waits for it any more. */
const ENDS_WITH_PARENT = `
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 500);
`;

function tell(report: AdapterReport): void {
  process.send?.(report);
}

function fail({ code, message }: Failure): void {
  tell({ kind: 'failed', code, message: address === undefined ? message : openWords(message, address) });
}

async function answer({ path, job }: AdapterCommand): Promise<AdapterAnswer> {
  if ('server' in job) address = job.server.address;
  const adapter = await loadAdapter(path);
  switch (job.kind) {
    case 'describe': {
      const { by, label, publish, clock } = adapter;
      const facts = { by, label, isPublishedTo: publish !== undefined, hasClock: clock !== undefined };
      return { kind: 'described', facts };
    }
    case 'rehearse':
      await rehearse({ adapter, server: job.server });
      return { kind: 'rehearsed' };
    case 'read-clock':
      return { kind: 'clock', reading: await readServerClock(adapter, job.server.address) };
    default:
      return job satisfies never;
  }
}

new Worker(ENDS_WITH_PARENT, { eval: true }).unref();
fenceAdapter(fail);
process.on('message', (command: AdapterCommand) => {
  answer(command).then(tell, (error: unknown) => fail(error instanceof Failure ? error : uncaught(error)));
});
tell({ kind: 'alive' });
setInterval(() => tell({ kind: 'alive' }), ALIVE_MS);
