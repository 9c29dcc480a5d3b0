import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, Failure } from '../../scenarios/failures.ts';

/** A folder for sockets, gone with `cleanup`. Rejects with `unwritable` where the system has no room for one. */
export async function openScratch(cleanup: AsyncDisposableStack): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'feedbench-')).catch((error: unknown) => {
    throw new Failure(
      'unwritable',
      `no folder can be made in ${tmpdir()} (${errorMessage(error)}): make room, or set TMPDIR to another one`,
      { cause: error },
    );
  });
  cleanup.defer(async () => rm(scratch, { recursive: true, force: true }));
  return scratch;
}
