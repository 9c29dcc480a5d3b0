import { STATUS_CODES } from 'node:http';
import { errorMessage, systemErrorCode } from '../../scenarios/failures.ts';
import { otherEnd, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';

/** What the libraries call by codes of their own. */
const LIBRARY_ENDS: Readonly<Record<string, SessionEnd>> = {
  UND_ERR_SOCKET: { code: 'connection-closed' },
  // A session of HTTP/2 that takes nothing more (GOAWAY), and a stream of it that was reset.
  UND_ERR_INFO: { code: 'connection-closed' },
  ERR_HTTP2_GOAWAY_SESSION: { code: 'connection-closed' },
  ERR_HTTP2_INVALID_SESSION: { code: 'connection-closed' },
  ERR_HTTP2_SESSION_ERROR: { code: 'connection-closed' },
  ERR_HTTP2_STREAM_CANCEL: { code: 'connection-closed' },
  ERR_HTTP2_STREAM_ERROR: { code: 'connection-closed' },
  UND_ERR_CONNECT_TIMEOUT: { code: 'unreachable', system: 'ETIMEDOUT' },
  UND_ERR_HEADERS_TIMEOUT: { code: 'silent' },
  UND_ERR_BODY_TIMEOUT: { code: 'silent' },
};

/** What OpenSSL and Node call a server that cannot prove who it is, or speaks no TLS that is spoken here. */
const OF_TRUST = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_)/;

/** The end that an error of a library stands for; one that wraps another is as that one is. */
export function endOfError(error: unknown): SessionEnd {
  const code = systemErrorCode(error);
  const known = code === undefined ? undefined : LIBRARY_ENDS[code];
  if (known !== undefined) return known;
  if (code !== undefined && isOfSystem(error))
    return { code: error.syscall === 'connect' ? 'unreachable' : 'connection-lost', system: code };
  if (code !== undefined && OF_TRUST.test(code)) return { code: 'unreachable', system: code };
  if (error instanceof Error && error.cause !== undefined) return endOfError(error.cause);
  return otherEnd(errorMessage(error));
}

/** HTTP/2 has no words for a status: those of HTTP/1.1 stand for them. */
export function endOfStatus(status: number, text: string): SessionEnd {
  return statusEnd(status, text === '' ? (STATUS_CODES[status] ?? '') : text);
}

function isOfSystem(error: unknown): error is { readonly syscall: string } {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string';
}
