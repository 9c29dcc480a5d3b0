import { io, type Socket } from 'socket.io-client';
import { monotonicNs } from '../../../scenarios/clock.ts';
import type { SessionEnd } from '../../../scenarios/session-end.ts';
import { endOfConnectError, endOfDisconnect } from '../../library/socketio-end.ts';
import { Sockets } from '../../library/sockets.ts';
import type { Incoming, Said } from '../adapter.ts';
import { lineAgent } from './line.ts';
import { headersFor, type Link, type LinkEvents, type LinkOptions, withScheme } from './link.ts';

/** Socket.IO by its own client, over a WebSocket alone. The path of the target is that of the server, its last part the namespace. */
export class SocketIoLink implements Link {
  readonly #sockets = new Sockets();
  readonly #socket: Socket;
  readonly #events: LinkEvents;
  #closed = false;

  constructor({ adapter, address, limits }: LinkOptions, events: LinkEvents) {
    this.#events = events;
    this.#socket = io(withScheme(address, 'http'), {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: limits.stepMs,
      // Its types know the agents of browsers alone, which are none.
      agent: lineAgent(address, this.#sockets) as unknown as string,
      extraHeaders: headersFor(adapter, address),
    });
    this.#socket.on('connect', () => events.opened());
    this.#socket.onAny((event: string, ...args: unknown[]) => {
      const receivedNs = monotonicNs();
      if (!this.#closed) this.#sockets.handle(() => events.came(incomingOf(event, args), receivedNs));
    });
    this.#socket.on('connect_error', (error) => {
      this.#end(error.message === 'timeout' ? { code: 'silent' } : endOfConnectError(error, this.#sockets.end));
    });
    this.#socket.on('disconnect', (reason, details) => this.#end(endOfDisconnect(reason, details, this.#sockets.end)));
  }

  get extraConnections(): number {
    return this.#sockets.extra;
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  say(said: Said): void {
    const [event, ...args]: readonly unknown[] = Array.isArray(said) ? (said as unknown[]) : [];
    if (typeof event !== 'string') throw new TypeError('over Socket.IO an event and its arguments can be said');
    if (!this.#closed) this.#socket.emit(event, ...args);
  }

  close(): void {
    this.#closed = true;
    this.#socket.disconnect();
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}

function incomingOf(event: string, args: readonly unknown[]): Incoming {
  const [first] = args;
  const data = typeof first === 'string' || Buffer.isBuffer(first) ? first : (JSON.stringify(first) ?? '');
  return { event, args, text: data.toString(), bytes: Buffer.from(data as string) };
}
