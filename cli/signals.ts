import { FAILURES } from '../scenarios/failures.ts';
import { killAllChildren } from '../load/machine/child.ts';
import { stderr, stdout } from './terminal.ts';

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

/** For what runs until it is ended: a terminal that is closed ends it too, where it has one (under nohup it has none). */
export function endOnSignals(end: () => void): void {
  process.once('exit', killAllChildren);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  const hasTerminal = stdout.isTTY || stderr.isTTY;
  process.on('SIGHUP', hasTerminal ? end : () => undefined);
}
