import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Those that are told that there is no room, at once; who comes beyond is cut off before anything is read. */
const TOLD_AT_ONCE = 100;

/**
 * All connections of a server, upgraded ones too. Each is an open file, of which a process may have so many: whoever comes when there are
 * `most` is told so and goes, instead of having the system close connections without a word.
 */
export class ConnectionBound {
  /** Those of TCP. */
  readonly sockets: ReadonlySet<Socket>;
  /** What requests come over and answers are written to: of a server over TLS what lies over those, once it stands. */
  readonly carriers: ReadonlySet<Socket>;
  /** By their peers: those that are to speak TLS, and have not said all that they must for it. */
  readonly #greeting = new Map<string, Socket>();
  readonly #surplus = new WeakSet<object>();

  constructor(server: Server, most: number, isOverTls = false) {
    const sockets = new Set<Socket>();
    this.sockets = sockets;
    server.maxConnections = most + TOLD_AT_ONCE;
    server.on('connection', (socket: Socket) => {
      if (sockets.size >= most) this.#surplus.add(socket);
      hold(sockets, socket);
    });
    this.carriers = isOverTls ? this.#carriersOf(server) : sockets;
  }

  /** Whether there was no room any more when it came. */
  isBeyond(socket: object): boolean {
    return this.#surplus.has(socket);
  }

  /** Ends those that cannot have asked for anything yet. */
  endGreeting(): void {
    for (const socket of this.#greeting.values()) socket.destroy();
  }

  #carriersOf(server: Server): ReadonlySet<Socket> {
    const carriers = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      this.#greeting.set(peer, socket);
      socket.once('close', () => this.#greeting.delete(peer));
    });
    server.on('secureConnection', (carrier: TLSSocket) => {
      const peer = peerOf(carrier);
      const socket = this.#greeting.get(peer);
      this.#greeting.delete(peer);
      if (socket !== undefined && this.#surplus.has(socket)) this.#surplus.add(carrier);
      hold(carriers, carrier);
    });
    return carriers;
  }
}

function hold(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
