import type { SessionOptions } from '../transport.ts';
import type { MemberRequest } from '../hub/member-request.ts';

export const PATH = '/socket.io/';

/**
 * Without a session: the server answers with one. Where the client begins, and who it is, stands in the query of this request
 * alone. One that shows a session it had does not begin.
 */
export function handshakePath(
  transport: 'polling' | 'websocket',
  { position, remembered }: Pick<SessionOptions, 'position' | 'remembered'>,
  { query }: MemberRequest,
): string {
  const since = remembered === undefined ? `&since=${position.kind === 'after' ? position.seq : 0}` : '';
  return `${PATH}?EIO=4&transport=${transport}${since}${query}`;
}

export function sessionPath(transport: 'polling' | 'websocket', sid: string): string {
  return `${PATH}?EIO=4&transport=${transport}&sid=${encodeURIComponent(sid)}`;
}
