import { FAILURES } from '../scenarios/failures.ts';
import { killAllChildren } from '../load/machine/child.ts';

/**
 * The first signal ends the run with what it has; the second one ends it now. A terminal that is closed (SIGHUP) ends
 * nothing, as under nohup, whose own way the runtime undoes: what is measured is worth having without a reader.
 */
export function stopOnSignals(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  process.once('exit', killAllChildren);
  process.on('SIGHUP', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(FAILURES.interrupted.exitCode);
      controller.abort();
      say('stopping: what is at hand is finished with what it has; once more stops at once');
    });
  }
  return controller.signal;
}
