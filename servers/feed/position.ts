import type { Position } from './log.ts';

/**
 * The `since` of a request: the last sequence number the client has, so that it gets what comes after. On every door a
 * client that names none begins with all that is held. Undefined where it is not one whole number.
 */
export function parseSince(since: string | readonly string[] | undefined): Position | undefined {
  if (since === undefined) return { kind: 'oldest' };
  return typeof since === 'string' && /^\d{1,15}$/.test(since) ? { kind: 'after', seq: Number(since) } : undefined;
}

/** The same in the target of a request, which may be anything. */
export function positionIn(target = ''): Position | undefined {
  const [since, ...others] = URL.parse(target, 'http://node')?.searchParams.getAll('since') ?? [];
  return others.length > 0 ? undefined : parseSince(since);
}

export const BAD_SINCE = 'since must be the last sequence number you have, a whole number such as since=17';
