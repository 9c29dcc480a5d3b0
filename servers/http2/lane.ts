import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** What a request has to itself, and its answer: over HTTP/1.1 their connection, over HTTP/2 their stream of one. */
export type Lane = Socket | ServerHttp2Stream;

export function laneOf(request: IncomingMessage): Lane {
  return streamOf(request) ?? request.socket;
}

/** Undefined over HTTP/1.1. Requests of either kind are handed to doors as if they were of that. */
export function streamOf(request: IncomingMessage): ServerHttp2Stream | undefined {
  return isHttp2(request) ? request.stream : undefined;
}

/** What ends a connection behind an answer (RFC 9110, section 7.6.1), which HTTP/2 has no field for (RFC 9113, section 8.2.2). */
export function closing(request: IncomingMessage): { readonly connection?: 'close' } {
  return streamOf(request) === undefined ? { connection: 'close' } : {};
}

/** Has an answer end its lane of which nothing is taken for so long. */
export function endIfStuck(response: ServerResponse, forMs: number): void {
  const stream = streamOf(response.req);
  // Where nobody listens Node ends a connection by itself, and a stream never.
  if (stream === undefined) response.setTimeout(forMs);
  else stream.setTimeout(forMs, () => stream.close(constants.NGHTTP2_CANCEL));
}

function isHttp2(request: IncomingMessage | Http2ServerRequest): request is Http2ServerRequest {
  return request.httpVersionMajor === 2;
}
