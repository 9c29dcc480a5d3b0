import { createConnection, type Socket, type TcpNetConnectOpts } from 'node:net';
import { systemErrorCode } from '../../scenarios/failures.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import type { Handshakes } from '../../scenarios/tls/handshakes.ts';
import { openTlsSocket } from '../tls/tls-socket.ts';

/** All sessions of a process read into this one buffer: it is consumed before the next read can happen. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);
/** Reads of a feed are of few sizes, and a view for each is garbage that has to be collected. */
const VIEWS: (Buffer | undefined)[] = [];
const MOST_VIEWED_BYTES = 4096;

function viewOf(size: number): Buffer {
  if (size > MOST_VIEWED_BYTES) return READ_BUFFER.subarray(0, size);
  return (VIEWS[size] ??= READ_BUFFER.subarray(0, size));
}

/** Where a server is, and how it is spoken to. */
export interface ServerPlace {
  readonly host: string;
  readonly port: number;
  /** Who vouches for it, as PEM: then over TLS 1.3. */
  readonly authority?: string | undefined;
  /** What its connections over TLS keep for each other. */
  readonly handshakes?: Handshakes | undefined;
}

/** What is said goes through `socket`; `wire` has the counters of what crosses. Without TLS they are one. */
export interface ClientSocket {
  readonly socket: Socket;
  readonly wire: Socket;
}

interface ClientSocketEvents {
  connected(): void;
  /** `bytes` are only good during the call; so many came over the wire since the last one, for all that was read. */
  readable(bytes: Buffer, carried: number): void;
  ended(end: SessionEnd): void;
}

/** A TCP connection as the clients use it: Nagle off, no buffer of its own, the end told once with its reason. */
export function openClientSocket(place: ServerPlace, events: ClientSocketEvents): ClientSocket {
  const { host, port, authority, handshakes } = place;
  if (authority !== undefined) return openSecured({ host, port }, { authority, handshakes }, events);
  const socket = createConnection({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (size) => {
        events.readable(viewOf(size), size);
        return true;
      },
    },
  });
  tell(socket, 'connect', events);
  return { socket, wire: socket };
}

/** Over TLS Node takes no buffer of ours where the connection below is at hand, whose counters are needed. */
function openSecured(
  place: TcpNetConnectOpts,
  peer: Parameters<typeof openTlsSocket>[1],
  events: ClientSocketEvents,
): ClientSocket {
  const { carrier, wire } = openTlsSocket(place, peer);
  let before = 0;
  carrier.on('data', (bytes: Buffer) => {
    const { bytesRead } = wire;
    events.readable(bytes, bytesRead - before);
    before = bytesRead;
  });
  tell(carrier, 'secureConnect', events);
  return { socket: carrier, wire };
}

function tell(socket: Socket, connectedEvent: 'connect' | 'secureConnect', events: ClientSocketEvents): void {
  let end: SessionEnd = { code: 'connection-closed' };
  let connected = false;
  socket.once(connectedEvent, () => {
    connected = true;
    events.connected();
  });
  socket.on('error', (error) => {
    end = { code: connected ? 'connection-lost' : 'unreachable', system: systemErrorCode(error) ?? error.message };
  });
  socket.once('close', () => events.ended(end));
}
