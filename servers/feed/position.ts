import type { Position } from './log.ts';

/**
 * The `since` of a request: the last sequence number the client has, so that it gets what comes after. Absent, it is
 * `absent`; undefined where it is not a whole number.
 */
export function parseSince(since: string | null | undefined, absent: Position): Position | undefined {
  if (since === null || since === undefined) return absent;
  const seq = Number(since);
  return /^\d{1,15}$/.test(since) ? { kind: 'after', seq } : undefined;
}

export const BAD_SINCE = 'since must be the last sequence number you have, a whole number such as since=17';
