import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { otherEnd, refusedEnd, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { endOfError } from './error-end.ts';

/** Reserved for a connection that ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL = 1006;

/** What socket.io-client hands out beside an end: of `ws` its close event or its error event, of a request the XMLHttpRequest. */
const closeEvent = z.object({ context: z.object({ code: z.int(), reason: z.string() }) });
const errorEvent = z.object({ description: z.object({ error: z.instanceof(Error) }) });
const failedRequest = z.object({ context: z.object({ status: z.int(), statusText: z.unknown() }) });
const refusal = z.object({ data: z.object({ code: z.int() }) });
const closedByServer = z.object({ description: z.literal('transport closed by the server') });

/** How a session of socket.io-client ended, by its reason and what it says beside it; `ofSocket` where that is nothing more. */
export function endOfDisconnect(reason: string, details: unknown, ofSocket: SessionEnd): SessionEnd {
  switch (reason) {
    case 'io server disconnect':
      return { code: 'socketio-packet', packet: 'disconnect' };
    case 'ping timeout':
      return { code: 'silent' };
    case 'transport close':
    case 'transport error':
      return endOfTransport(details) ?? ofSocket;
    default:
      return otherEnd(reason);
  }
}

/** Why a session did not begin: refused by the server, or not reached. */
export function endOfConnectError(error: Error, ofSocket: SessionEnd): SessionEnd {
  if (!('description' in error) && !('context' in error))
    return refusedEnd(error.message, refusal.safeParse(error).data?.data.code);
  return endOfTransport(error) ?? ofSocket;
}

function endOfTransport(details: unknown): SessionEnd | undefined {
  if (closedByServer.safeParse(details).success) return { code: 'socketio-packet', packet: 'close' };
  const closed = closeEvent.safeParse(details).data?.context;
  if (closed !== undefined && closed.code !== ABNORMAL)
    return { code: 'websocket-close', closeCode: closed.code, ...(closed.reason !== '' && { text: closed.reason }) };
  const error = errorEvent.safeParse(details).data?.description.error;
  if (error !== undefined) return endOfUpgrade(error);
  const request = failedRequest.safeParse(details).data?.context;
  if (request === undefined) return undefined;
  if (request.statusText instanceof Error) return endOfError(request.statusText);
  return request.status === 0 ? undefined : endOfStatus(request.status);
}

/** `ws` says a status in words alone. */
function endOfUpgrade(error: Error): SessionEnd {
  const status = /^Unexpected server response: (\d+)$/.exec(error.message)?.[1];
  return status === undefined ? endOfError(error) : endOfStatus(Number(status));
}

function endOfStatus(status: number): SessionEnd {
  return statusEnd(status, STATUS_CODES[status] ?? '');
}
