import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { streamOf } from '../http2/lane.ts';

/** Requests of a connection that may wait for the answers before theirs while more is read from it. */
const MOST_WAITING = 16;

/**
 * Requests that are written one behind the other on a connection (RFC 9112, section 9.3.2) are begun one after the other, each
 * when the system has taken the answer before it: a client that takes none costs one answer, however many it asked for. What
 * came in one read is there already, as requests without an answer; after that nothing is read until it is their turn. In streams
 * of HTTP/2 nobody waits for another, and so many may be open at once.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, number>();

  /** Calls `begin` at once where nothing is before it, in its turn otherwise, and never where the connection ends before that. */
  take(request: IncomingMessage, response: ServerResponse, begin: () => void): void {
    if (streamOf(request) !== undefined || response.socket !== null) {
      begin();
      return;
    }
    const { socket } = request;
    const waiting = this.#changed(socket, 1);
    if (waiting > MOST_WAITING) socket.pause();
    response.once('socket', () => {
      if (this.#changed(socket, -1) === MOST_WAITING) socket.resume();
      // Node is still busy with handing over the connection.
      process.nextTick(begin);
    });
  }

  #changed(socket: Socket, by: number): number {
    const waiting = (this.#waiting.get(socket) ?? 0) + by;
    this.#waiting.set(socket, waiting);
    return waiting;
  }
}
