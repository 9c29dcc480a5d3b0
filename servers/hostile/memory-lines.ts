import type { SessionEnd } from '../../scenarios/session-end.ts';
import { MemorySocket } from './memory-socket.ts';

/** As `openClientSocket` takes them. */
interface SocketEvents {
  connected(): void;
  readable(bytes: Buffer, carried: number): void;
  ended(end: SessionEnd): void;
}

/** A server's side of one connection. */
export interface MemoryLine {
  readonly socket: MemorySocket;
  /** Hands bytes to the client as the kernel would: in a buffer that all connections share. */
  say(bytes: Buffer): void;
  close(): void;
}

/** A server without a kernel: told of connections, and of what clients send. */
export interface MemoryServer {
  connected(line: MemoryLine): void;
  said(line: MemoryLine, bytes: Buffer): void;
}

/** By host, which no name server knows. */
const servers = new Map<string, MemoryServer>();
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

export function listenInMemory(host: string, server: MemoryServer): Disposable & { readonly host: string } {
  servers.set(host, server);
  return { host, [Symbol.dispose]: () => void servers.delete(host) };
}

/** In the place of `openClientSocket`; undefined where the host is none of these. */
export function connectInMemory(host: string, events: SocketEvents): MemorySocket | undefined {
  const server = servers.get(host);
  if (server === undefined) return undefined;
  const socket = new MemorySocket((bytes) => setImmediate(() => server.said(line, bytes)));
  const line: MemoryLine = {
    socket,
    say: (bytes) => {
      for (let start = 0; start < bytes.length && !socket.destroyed; start += READ_BUFFER.length) {
        const copied = bytes.copy(READ_BUFFER, 0, start);
        events.readable(READ_BUFFER.subarray(0, copied), copied);
      }
    },
    close: () => socket.destroy(),
  };
  socket.once('close', () => events.ended({ code: 'connection-closed' }));
  setImmediate(() => {
    if (socket.destroyed) return;
    events.connected();
    server.connected(line);
  });
  return socket;
}
