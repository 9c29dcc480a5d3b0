import type { Position } from '../feed/log.ts';

export const PATH = '/socket.io/';

/** Without a session: the server answers with one. Where the client begins stands in the query of this request alone. */
export function handshakePath(transport: 'polling' | 'websocket', position: Position): string {
  return `${PATH}?EIO=4&transport=${transport}&since=${position.kind === 'after' ? position.seq : 0}`;
}

export function sessionPath(transport: 'polling' | 'websocket', sid: string): string {
  return `${PATH}?EIO=4&transport=${transport}&sid=${encodeURIComponent(sid)}`;
}
