import { CommanderError } from 'commander';
import { Failure, FAILURES } from '../scenarios/failures.ts';
import { type NamedLine, section } from './lines.ts';
import { complain, exitCodeOfPrinting } from './terminal.ts';

/** The exit codes by their number, as `--help` tells them. */
export function exitCodeText(): string {
  const lines = Object.entries(FAILURES).map(
    ([code, { exitCode, meaning }]): NamedLine => [String(exitCode), `${meaning} (${code})`],
  );
  return section('Exit codes', [
    ['0', 'everything that was asked for was measured, and every audit was clean'],
    ...lines,
  ]);
}

/** One line for what the world did wrong; a stack only for what we did. */
export async function exitCodeFor(error: unknown): Promise<number> {
  // Help and version end this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodeOfPrinting() : FAILURES.usage.exitCode;
  if (!(error instanceof Failure)) throw error;
  complain(error.message);
  return error.exitCode;
}
