import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** Those that are told that there is no room, at once; who comes beyond is cut off before anything is read. */
const TOLD_AT_ONCE = 100;

/**
 * All connections of a server, upgraded ones too. Each is an open file, of which a process may have so many: whoever comes when there are
 * `most` is told so and goes, instead of having the system close connections without a word.
 */
export class ConnectionBound {
  readonly sockets: ReadonlySet<Socket>;
  readonly #surplus = new WeakSet<Duplex>();

  constructor(server: Server, most: number) {
    const sockets = new Set<Socket>();
    this.sockets = sockets;
    server.maxConnections = most + TOLD_AT_ONCE;
    server.on('connection', (socket: Socket) => {
      if (sockets.size >= most) this.#surplus.add(socket);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }

  /** Whether there was no room any more when it came. */
  isBeyond(socket: Duplex): boolean {
    return this.#surplus.has(socket);
  }
}
