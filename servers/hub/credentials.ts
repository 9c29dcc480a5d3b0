import type { IncomingMessage } from 'node:http';
import {
  FEED_CHANNEL,
  isChannel,
  isUser,
  mayFollow,
  MOST_CHANNELS,
  userChannel,
} from '../../scenarios/feed/channels.ts';
import type { Credentials, Identity, Refusal } from './admission.ts';

/** What of a request tells who asks, and what for. */
export type AskedBy = Pick<IncomingMessage, 'url' | 'headers'>;

const BEARER = /^bearer +(\S+)$/i;
export const TOKEN_COOKIE = 'feedbench_token';

/**
 * The token of a request: in the header that HTTP has for it, in a cookie, or in the query, in this order. Of what is named
 * twice nothing is taken.
 */
export function credentialsOf({ url = '', headers }: AskedBy): Credentials {
  const query = URL.parse(url, 'http://node')?.searchParams;
  const one = (name: string): string | undefined => {
    const all = query?.getAll(name) ?? [];
    return all.length === 1 ? all[0] : undefined;
  };
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
  return { token: bearer ?? cookieIn(headers.cookie) ?? one('token'), user: one('user') };
}

function cookieIn(header = ''): string | undefined {
  const found = header.split(';').map((part) => part.trim().split('='));
  return found.find(([name]) => name === TOKEN_COOKIE)?.[1];
}

/**
 * What a client follows: the channels that its request names, and its own; where it names none, the feed. Or why not.
 */
export function channelsOf({ url = '' }: AskedBy, { user }: Identity): ReadonlySet<string> | Refusal {
  const asked = URL.parse(url, 'http://node')?.searchParams.getAll('channels') ?? [];
  const own = user === undefined ? [] : [userChannel(user)];
  if (asked.length === 0) return new Set([FEED_CHANNEL, ...own]);
  const names = asked.length === 1 ? (asked[0] ?? '').split(',').filter((name) => name !== '') : undefined;
  if (names === undefined || names.length > MOST_CHANNELS || !names.every(isChannel)) return 'bad-channels';
  if (!names.every((name) => mayFollow(name, user))) return 'forbidden-channel';
  return new Set([...names, ...own]);
}

export function isNamed(user: string | undefined): user is string {
  return user !== undefined && isUser(user);
}
