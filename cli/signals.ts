import { FAILURES } from '../scenarios/failures.ts';
import { killAllChildren } from '../load/machine/child.ts';
import { stderr, stdout } from './terminal.ts';

/** npm passes on a signal of which the terminal has told all, and so its child too: that is no second one. */
const PASSED_ON_MS = 500;

/** Calls it for each signal that somebody sent. */
function onSignal(heard: () => void): void {
  const isOfNpm = process.env['npm_command'] !== undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  const listener = (): void => {
    const nowMs = performance.now();
    if (isOfNpm && nowMs - lastMs < PASSED_ON_MS) return;
    lastMs = nowMs;
    heard();
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
}

/**
 * The first signal ends the run with what it has; the second one ends it now. A terminal that is closed (SIGHUP) ends
 * nothing, as under nohup, whose own way the runtime undoes: what is measured is worth having without a reader.
 */
export function stopOnSignals(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  process.once('exit', killAllChildren);
  process.on('SIGHUP', () => undefined);
  onSignal(() => {
    if (controller.signal.aborted) process.exit(FAILURES.interrupted.exitCode);
    controller.abort();
    say('stopping: what is at hand is finished with what it has; once more stops at once');
  });
  return controller.signal;
}

/** For what runs until it is ended: a terminal that is closed ends it too, where it has one (under nohup it has none). */
export function endOnSignals(end: () => void): void {
  process.once('exit', killAllChildren);
  let isEnding = false;
  onSignal(() => {
    if (isEnding) process.exit(FAILURES.interrupted.exitCode);
    isEnding = true;
    end();
  });
  const hasTerminal = stdout.isTTY || stderr.isTTY;
  process.on('SIGHUP', hasTerminal ? end : () => undefined);
}
