import type { ValueOf } from '../../scenarios/dimensions.ts';
import { TOKEN_COOKIE } from './credentials.ts';
import type { SessionMember } from '../transport.ts';

const COOKIE_LINE = /^cookie: */i;

/** What the request of a client says of who it is and what it follows. */
export interface MemberRequest {
  /** What it follows and who it is, behind another part of the query: empty, or with `&` in front. */
  readonly query: string;
  /** Who it is alone; in the same way. */
  readonly who: string;
  /** The header lines of the profile, and what is added to them. */
  headers(profile: readonly string[]): readonly string[];
  /** Where the token is said on the connection, once it is open. */
  readonly says: string | undefined;
}

/** Names and tokens (RFC 7519) stand in a query and in a header as they are. */
export function memberRequest(member: SessionMember | undefined, auth: ValueOf<'auth'> = 'none'): MemberRequest {
  if (member === undefined) return { query: '', who: '', headers: (profile) => profile, says: undefined };
  const { user, token, channels } = member;
  const shown = auth === 'none' || token === undefined ? undefined : token;
  const tokenInUrl = auth === 'url' ? `&token=${shown}` : '';
  const who = shown === undefined ? `&user=${user}` : tokenInUrl;
  return {
    query: `&channels=${channels.join(',')}${who}`,
    who,
    headers: (profile) => {
      if (shown === undefined) return profile;
      if (auth === 'header') return [...profile, `Authorization: Bearer ${shown}`];
      return auth === 'cookie' ? withCookie(profile, `${TOKEN_COOKIE}=${shown}`) : profile;
    },
    says: auth === 'message' ? shown : undefined,
  };
}

/** A client sends one Cookie line (RFC 6265, section 5.4). */
function withCookie(profile: readonly string[], cookie: string): readonly string[] {
  const at = profile.findIndex((line) => COOKIE_LINE.test(line));
  if (at < 0) return [...profile, `Cookie: ${cookie}`];
  return profile.with(at, `${profile[at] ?? ''}; ${cookie}`);
}
