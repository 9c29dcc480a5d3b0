import { errorMessage, Failure } from '../../../scenarios/failures.ts';
import { printable } from '../../../scenarios/printable.ts';

/**
 * Makes this process one in which an adapter can do no harm that nobody is told of: what it throws where nobody catches it is a
 * Failure `adapter`, and so is an end that it wants. Ends with its parent.
 */
export function fenceAdapter(tell: (failure: Failure) => void): void {
  const exit = process.exit.bind(process);
  process.once('disconnect', () => exit());
  process.exit = (code) => {
    // Nobody is there any more to be told of anything.
    if (!process.connected) return exit(code);
    throw new Failure('adapter', 'the adapter called process.exit, which would end the run: leave that out');
  };
  process.on('uncaughtException', (error: unknown) => tell(uncaught(error)));
}

/** Of whatever was thrown in a process with an adapter. */
export function uncaught(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const place = placeOf(error);
  const words = `the adapter, or a package of its own, threw where nobody catches it: ${printable(errorMessage(error))}`;
  return new Failure('adapter', `${words}${place === undefined ? '' : ` (${place})`}; correct it`, { cause: error });
}

/** `mine.ts:12:5`; undefined where it is inside of Node. */
function placeOf(error: unknown): string | undefined {
  return error instanceof Error
    ? /[\s(](?:file:\/\/)?\/\S*?([^/\s]+:\d+:\d+)\)?$/m.exec(error.stack ?? '')?.[1]
    : undefined;
}
