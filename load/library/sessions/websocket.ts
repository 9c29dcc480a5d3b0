import { WebSocket } from 'ws';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { type SessionEnd, statusEnd } from '../../../scenarios/session-end.ts';
import { transportRow } from '../../../servers/registry.ts';
import type { OpenSession } from '../../../servers/transport.ts';
import { FeedReader } from '../../../servers/wire/feed-reader.ts';
import { endOfError } from '../error-end.ts';
import { headerFields } from '../header-fields.ts';
import { Sockets } from '../sockets.ts';

/** Reserved for a connection that ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL = 1006;

/** Listens with `ws`: every message is a frame of its own. */
export const openSession: OpenSession = ({ host, port, position, headers, values }, events) => {
  const { frames = 'text', compression } = values;
  const sockets = new Sockets();
  const reader = new FeedReader(events, position, frames);
  const since = position.kind === 'after' ? position.seq : 0;
  const url = `ws://${host}:${port}${transportRow('websocket').path}?since=${since}`;
  const socket = new WebSocket(url, frames === 'text' ? 'json' : frames, {
    headers: headerFields(headers.upgrade(`${host}:${port}`)),
    perMessageDeflate: compression === 'deflate',
  });
  let closed = false;
  let cause: SessionEnd | undefined;

  function lost(end: SessionEnd): void {
    if (closed) return;
    closed = true;
    events.lost(end);
  }

  socket.on('upgrade', (answer) => sockets.add(answer.socket));
  socket.on('open', () => events.opened());
  socket.on('message', (data: Buffer) => {
    const receivedNs = monotonicNs();
    if (!closed) sockets.handle(() => reader.accept(data, receivedNs));
  });
  socket.on('unexpected-response', (request, { statusCode = 0, statusMessage = '' }) => {
    lost(statusEnd(statusCode, statusMessage));
    request.destroy();
  });
  // Its close follows.
  socket.on('error', (error) => {
    cause ??= endOfError(error);
  });
  socket.on('close', (code, reason) => {
    if (code === ABNORMAL) lost(cause ?? sockets.end);
    else if (reason.length === 0) lost({ code: 'websocket-close', closeCode: code });
    else lost({ code: 'websocket-close', closeCode: code, text: reason.toString() });
  });

  return {
    get bytesRead() {
      return sockets.bytesRead;
    },
    get bytesWritten() {
      return sockets.bytesWritten;
    },
    close: () => {
      closed = true;
      socket.close();
    },
  };
};
