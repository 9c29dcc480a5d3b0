import { readFileSync } from 'node:fs';

/** What the kernel keeps for a connection besides its buffers: the socket, its inode, its file, and who waits for it. */
const CACHES: ReadonlySet<string> = new Set(['TCP', 'TCPv6', 'sock_inode_cache', 'filp', 'eventpoll_epi']);

const INODES = 'sock_inode_cache';
/** Each inode of a socket has one; those of files are in the same cache, and come and go. */
const NAMES = 'dentry';

interface Cache {
  readonly active: number;
  readonly sizeBytes: number;
}

/** Bytes that the kernel holds for all sockets and files of the machine; null where it does not tell, as to all but root. */
export function socketBytes(): number | null {
  try {
    return parseSlabs(readFileSync('/proc/slabinfo', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * `TCP  194  234  2368  13 …`: objects in use, all of them, and the size of one (slabinfo(5)). Null where none of the caches is
 * there: a kernel may merge them with others of their size.
 */
export function parseSlabs(text: string): number | null {
  const caches = new Map(
    text.split('\n').map((line): [string, Cache] => {
      const [name = '', active, , size] = line.split(/\s+/);
      return [name, { active: Number(active), sizeBytes: Number(size) }];
    }),
  );
  const own = [...CACHES].flatMap((name) => caches.get(name) ?? []);
  const inodes = caches.get(INODES);
  const names = caches.get(NAMES);
  if (own.length < CACHES.size || inodes === undefined || names === undefined) return null;
  return own.reduce((sum, { active, sizeBytes }) => sum + active * sizeBytes, inodes.active * names.sizeBytes);
}
