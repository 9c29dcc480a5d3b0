import type { IncomingMessage } from 'node:http';
import type { Position } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';

const PATH = '/ws';

export interface Refusal {
  /** The whole HTTP answer, after which the connection ends. */
  readonly response: string;
}

export interface Admission {
  readonly position: Position;
}

/** Decides on an upgrade request before ws sees it: the path, who asks (RFC 6455, section 10.2), and from where. */
export function admit(request: IncomingMessage, origins: readonly string[]): Admission | Refusal {
  // The target of a request may be anything, `//` too, and an exception here would end the node.
  const url = URL.parse(request.url ?? '', 'http://node');
  if (url?.pathname !== PATH) return refusal(404, `there is no WebSocket here; it is at ${PATH}`);
  if (!originAllowed(request, origins)) return refusal(403, 'this Origin may not connect');
  const position = parseSince(url.searchParams.get('since'), { kind: 'now' });
  return position === undefined ? refusal(400, BAD_SINCE) : { position };
}

/** A program sends no Origin; a page sends that of its own server, or one that was allowed. */
function originAllowed({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  if (headers.origin === undefined || origins.includes('*') || origins.includes(headers.origin)) return true;
  const origin = URL.parse(headers.origin);
  if (origin === null || origin.host === '') return false;
  // Host may spell out the default port of the page's scheme, which an Origin never does, and both ignore case.
  return URL.parse(`${origin.protocol}//${headers.host ?? ''}`)?.host === origin.host;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

export function refusal(status: number, text: string): Refusal {
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  return { response: `${lines.join('\r\n')}\r\n\r\n${text}` };
}
