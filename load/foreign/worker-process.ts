import { printable } from '../../scenarios/printable.ts';
import { liveAsWorker } from '../workers/worker.ts';
import type { WorkerOptions, WorkerReport } from '../workers/worker-messages.ts';
import type { Failure } from '../../scenarios/failures.ts';
import { adaptedSession, SeenMessages } from './adapted-session.ts';
import { loadAdapter } from './adapter-file.ts';
import { fenceAdapter } from './apart/fence.ts';
import { USUAL_LIMITS } from './links/link.ts';
import { refusalOf } from './refusals.ts';

/** Of messages that are none of the feed's, however short that is. */
const MOST_MESSAGES = 10_000;
/** Of what the feed has. */
const MOST_SHARE = 20;

const seen = new SeenMessages();

function tell(report: WorkerReport): void {
  process.send?.(report);
}

function halt({ code, message }: Failure): void {
  tell({ kind: 'halted', code, message });
}

async function openSessions({ foreign, feed }: WorkerOptions): Promise<ReturnType<typeof adaptedSession>> {
  if (foreign === undefined) throw new TypeError('an adapter is of a server that is not ours');
  return adaptedSession({
    adapter: await loadAdapter(foreign.adapter),
    address: foreign.address,
    offsetMs: foreign.offsetMs,
    mostMessages: MOST_MESSAGES + MOST_SHARE * feed.messages,
    seen,
    limits: USUAL_LIMITS,
    onEnd: (end) => {
      const refusal = refusalOf(end);
      if (refusal !== undefined) halt(refusal);
    },
  });
}

fenceAdapter(halt);
liveAsWorker(
  async (_transport, options) => {
    // What can be loaded beforehand is what this file imports.
    if (!('targets' in options)) throw new TypeError('it is not known yet which server it is');
    return openSessions(options);
  },
  () => [
    ...(seen.earlier > 0
      ? [
          `${seen.earlier} messages of a time before the trial came again, because the server keeps them: they are in no count`,
        ]
      : []),
    ...(seen.came > 0 && seen.read === 0
      ? [
          `the adapter read none of ${seen.came} messages that came; the first began with ${printable(seen.first ?? '')}`,
        ]
      : []),
  ],
);
