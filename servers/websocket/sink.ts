import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Entry } from '../feed/log.ts';
import type { Sink } from '../feed/outbox.ts';

const TEXT = { binary: false } as const;

/** A WebSocket as an outbox sees it: every entry is a text frame. */
export class WebSocketSink implements Sink {
  readonly #client: WebSocket;
  readonly #socket: Socket;
  readonly #slowMs: number;
  #stalled: (() => void) | undefined;

  /** `socket` is the one under `client`; it counts the time in which nothing moves, a part of a large write included. */
  constructor(client: WebSocket, socket: Socket, slowMs: number) {
    this.#client = client;
    this.#socket = socket;
    this.#slowMs = slowMs;
  }

  get open(): boolean {
    return this.#client.readyState === this.#client.OPEN;
  }

  /** What ws and the socket hold: it leaves out what the kernel has taken. */
  get waitingBytes(): number {
    return this.#client.bufferedAmount;
  }

  send(entry: Entry, taken?: () => void): void {
    this.#client.send(entry, TEXT, taken);
  }

  watch(stalled: (() => void) | undefined): void {
    if (this.#stalled !== undefined) this.#socket.setTimeout(0, this.#stalled);
    this.#stalled = stalled;
    if (stalled !== undefined) this.#socket.setTimeout(this.#slowMs, stalled);
  }
}
