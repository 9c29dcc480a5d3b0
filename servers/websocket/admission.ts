import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Position } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import type { Origins } from '../wire/origins.ts';

export const PATH = '/ws';
const VERSION = '13';

export interface Refusal {
  /** The whole HTTP answer, after which the connection ends. */
  readonly response: string;
}

export interface Admission {
  readonly position: Position;
}

/** Decides on an upgrade request before ws sees it: the path, the version, who asks, and from where in the feed. */
export function admit(request: IncomingMessage, origins: Origins): Admission | Refusal {
  // The target of a request may be anything, `//` too, and an exception here would end the node.
  const url = URL.parse(request.url ?? '', 'http://node');
  if (url?.pathname !== PATH) return refusal(404, `there is no WebSocket here; it is at ${PATH}`);
  // ws speaks version 8 too, whose clients say who they are in another header than Origin (RFC 6455, section 4.4).
  if (request.headers['sec-websocket-version'] !== VERSION)
    return refusal(426, `this is WebSocket of version ${VERSION}`, [
      `Sec-WebSocket-Version: ${VERSION}`,
      'Upgrade: websocket',
    ]);
  const stranger = origins.refusal(request.headers);
  if (stranger !== undefined) return refusal(403, stranger);
  const [since, ...others] = url.searchParams.getAll('since');
  const position = others.length > 0 ? undefined : parseSince(since);
  return position === undefined ? refusal(400, BAD_SINCE) : { position };
}

export function refusal(status: number, error: string, headers: readonly string[] = []): Refusal {
  const body = JSON.stringify({ error });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    ...headers,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return { response: `${lines.join('\r\n')}\r\n\r\n${body}` };
}
