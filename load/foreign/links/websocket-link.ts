import { WebSocket } from 'ws';
import { monotonicNs } from '../../../scenarios/clock.ts';
import type { SessionEnd } from '../../../scenarios/session-end.ts';
import { endOfError } from '../../library/error-end.ts';
import { Sockets } from '../../library/sockets.ts';
import type { Said } from '../adapter.ts';
import { openLine } from './line.ts';
import {
  Came,
  headersFor,
  type Link,
  type LinkEvents,
  type LinkOptions,
  MOST_MESSAGE_BYTES,
  refusalEnd,
  withScheme,
} from './link.ts';

/** Reserved for a connection that ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL = 1006;

/** A WebSocket by `ws`, which offers compression as browsers do. */
export class WebSocketLink implements Link {
  readonly extraConnections = 0;
  readonly #sockets = new Sockets();
  readonly #socket: WebSocket;
  readonly #events: LinkEvents;
  readonly #stepMs: number;
  #cause: SessionEnd | undefined;
  #closed = false;

  constructor({ adapter, address, limits }: LinkOptions, events: LinkEvents) {
    this.#events = events;
    this.#stepMs = limits.stepMs;
    this.#socket = new WebSocket(withScheme(address, 'ws'), [...(adapter.protocols ?? [])], {
      headers: headersFor(adapter, address),
      createConnection: () => openLine(address, this.#sockets),
      handshakeTimeout: limits.stepMs,
      maxPayload: MOST_MESSAGE_BYTES,
    });
    this.#socket.on('open', () => events.opened());
    this.#socket.on('message', (data: Buffer) => {
      const receivedNs = monotonicNs();
      if (!this.#closed) this.#sockets.handle(() => events.came(new Came(data), receivedNs));
    });
    this.#watch();
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  say(said: Said): void {
    if (typeof said !== 'string' && !(said instanceof Uint8Array))
      throw new TypeError('over a WebSocket a text or bytes can be said');
    if (!this.#closed) this.#socket.send(said);
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
    // A server that hangs must not keep its clients.
    setTimeout(() => this.#socket.terminate(), this.#stepMs).unref();
  }

  #watch(): void {
    this.#socket.on('unexpected-response', (request, { statusCode = 0, statusMessage = '', headers }) => {
      this.#end(refusalEnd(statusCode, statusMessage, headers));
      request.destroy();
    });
    // Its close follows.
    this.#socket.on('error', (error) => {
      this.#cause ??= error.message === 'Opening handshake has timed out' ? { code: 'silent' } : endOfError(error);
    });
    this.#socket.on('close', (code, reason) => {
      if (code === ABNORMAL) this.#end(this.#cause ?? this.#sockets.end);
      else
        this.#end({
          code: 'websocket-close',
          closeCode: code,
          ...(reason.length > 0 && { text: reason.toString() }),
        });
    });
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.ended(end);
  }
}
