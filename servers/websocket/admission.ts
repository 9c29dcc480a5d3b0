import type { IncomingMessage } from 'node:http';
import type { Position } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import type { UpgradeRefusal } from '../transport.ts';

const VERSION = '13';

export interface Admission {
  readonly position: Position;
}

/** Decides on an upgrade request before ws sees it: the version, and from where in the feed. */
export function admit(request: IncomingMessage): Admission | UpgradeRefusal {
  // ws speaks version 8 too, whose clients say who they are in another header than Origin (RFC 6455, section 4.4).
  if (request.headers['sec-websocket-version'] !== VERSION)
    return {
      status: 426,
      error: `this is WebSocket of version ${VERSION}`,
      headers: [`Sec-WebSocket-Version: ${VERSION}`, 'Upgrade: websocket'],
    };
  const [since, ...others] = URL.parse(request.url ?? '', 'http://node')?.searchParams.getAll('since') ?? [];
  const position = others.length > 0 ? undefined : parseSince(since);
  return position === undefined ? { status: 400, error: BAD_SINCE } : { position };
}
