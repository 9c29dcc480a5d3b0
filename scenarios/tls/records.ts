/** What TLS 1.3 puts around a record: its head, the kind of what is in it, and the tag of the cipher (RFC 8446, section 5.2). */
const RECORD_OVERHEAD = 5 + 1 + 16;
const RECORD_ROOM = 16_384;

/** What TLS adds to `bytes` that are written in so many writes: a record is of one write, which takes as many as it needs. */
export function recordBytes(bytes: number, writes = 1): number {
  return RECORD_OVERHEAD * (writes - 1 + Math.max(1, Math.ceil(bytes / RECORD_ROOM)));
}
