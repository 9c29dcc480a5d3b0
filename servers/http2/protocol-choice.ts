import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

type Take = (socket: Socket) => void;

/** No method of HTTP/1.1 begins so (RFC 9113, section 3.4). */
const PREFACE = 'PRI * HTTP/2.0';

/**
 * Has a server without TLS take HTTP/2 beside HTTP/1.1: what comes first on a connection tells which it is ("prior knowledge",
 * RFC 9113, section 3.3). Who says nothing for so long is cut off. Returns what cuts off those who have said nothing.
 */
export function takeByFirstBytes(server: Server, http2: Take, patienceMs: number): () => void {
  const silent = new Set<Socket>();
  const http1 = takenAway(server, 'connection');
  server.on('connection', (socket: Socket) => {
    const parts: Buffer[] = [];
    const destroy = (): void => {
      silent.delete(socket);
      socket.destroy();
    };
    const read = (): void => {
      const part = socket.read() as Buffer | null;
      if (part === null) return;
      parts.push(part);
      const begun = Buffer.concat(parts);
      const text = begun.toString('latin1', 0, PREFACE.length);
      if (text.length < PREFACE.length && PREFACE.startsWith(text)) return;
      silent.delete(socket);
      socket.off('readable', read).off('timeout', destroy).off('error', destroy).off('end', destroy).setTimeout(0);
      socket.unshift(begun);
      (text === PREFACE ? http2 : http1)(socket);
    };
    silent.add(socket);
    socket.setTimeout(patienceMs);
    socket.on('timeout', destroy).on('error', destroy).on('end', destroy).on('readable', read);
  });
  return () => {
    for (const socket of silent) socket.destroy();
  };
}

/** The same of a server over TLS, where both have agreed on one (ALPN, RFC 7301), and nobody has to say anything. */
export function takeAsAgreed(server: Server, http2: Take): () => void {
  const http1 = takenAway(server, 'secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => (socket.alpnProtocol === 'h2' ? http2 : http1)(socket));
  return () => undefined;
}

/** What Node itself does with a connection: nobody listened before it. */
function takenAway(server: Server, event: 'connection' | 'secureConnection'): Take {
  const [take] = server.listeners(event) as Take[];
  if (take === undefined) throw new TypeError('the server takes no connections');
  server.off(event, take);
  return (socket) => take.call(server, socket);
}
