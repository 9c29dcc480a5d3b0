import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, Failure } from '../../scenarios/failures.ts';

/** What a Unix socket's address has room for (unix(7)), less the byte that ends it. */
const MOST_SOCKET_BYTES = process.platform === 'darwin' ? 103 : 107;
/** Room for the socket itself, by its name in the folder. */
const SOCKET_NAME_BYTES = '/ingest'.length;
const RANDOM = 'XXXXXX';

/**
 * A folder for sockets, gone with `cleanup`, and what runs that were killed have left is cleared away. Where TMPDIR lies
 * so deep that no socket can be made in it, the folder is in /tmp. Rejects with `unwritable` where the system has no room
 * for one.
 */
export async function openScratch(cleanup: AsyncDisposableStack): Promise<string> {
  const place = scratchPlace(tmpdir());
  await clearAbandoned(place);
  const scratch = await mkdtemp(join(place, prefixOf(ownIdentity()))).catch((error: unknown) => {
    throw new Failure(
      'unwritable',
      `no folder can be made in ${place} (${errorMessage(error)}): make room, or set TMPDIR to another one`,
      { cause: error },
    );
  });
  cleanup.defer(async () => rm(scratch, { recursive: true, force: true }));
  return scratch;
}

/** The system's own folder is short; where TMPDIR is not, it has to do. */
function scratchPlace(wanted: string): string {
  return [wanted, '/tmp'].find(hasRoomForSocket) ?? wanted;
}

function hasRoomForSocket(place: string): boolean {
  const folder = join(place, prefixOf(ownIdentity()) + RANDOM);
  return Buffer.byteLength(folder) + SOCKET_NAME_BYTES <= MOST_SOCKET_BYTES;
}

/**
 * Whose a folder is: a process id is used again, but not with the same time of start, and says something only to
 * processes of the same namespace. Undefined where the system tells no such thing.
 */
interface Identity {
  readonly namespace: string;
  readonly pid: number;
  readonly startTicks: string;
}

function prefixOf(owner: Identity | undefined): string {
  return owner === undefined ? 'feedbench-' : `feedbench-${owner.namespace}-${owner.pid}-${owner.startTicks}-`;
}

function ownIdentity(): Identity | undefined {
  const startTicks = startTicksOf(process.pid);
  const namespace = ownNamespace();
  return startTicks === undefined || namespace === undefined ? undefined : { namespace, pid: process.pid, startTicks };
}

function ownNamespace(): string | undefined {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/pid/stat, behind a name in parentheses that may hold anything; undefined where there is no such process. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Folders of processes that are no more. What another user has left is not ours to remove, and stays. */
async function clearAbandoned(place: string): Promise<void> {
  const abandoned = namesIn(place).filter(isAbandoned);
  await Promise.all(
    abandoned.map(async (name) => rm(join(place, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    // Making a folder in it will say what is wrong.
    return [];
  }
}

function isAbandoned(name: string): boolean {
  const [, namespace, pid, startTicks] = /^feedbench-(\d+)-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
  if (pid === undefined || namespace !== ownNamespace()) return false;
  return startTicksOf(Number(pid)) !== startTicks;
}
