import { readFileSync } from 'node:fs';

/** What the kernel keeps for a connection besides its buffers: the socket, its file, and who waits for it. */
const CACHES: ReadonlySet<string> = new Set(['TCP', 'TCPv6', 'sock_inode_cache', 'filp', 'eventpoll_epi']);

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
  const sizes = text.split('\n').flatMap((line) => {
    const [name = '', active, , size] = line.split(/\s+/);
    return CACHES.has(name) ? [Number(active) * Number(size)] : [];
  });
  return sizes.length < CACHES.size ? null : sizes.reduce((sum, bytes) => sum + bytes, 0);
}
