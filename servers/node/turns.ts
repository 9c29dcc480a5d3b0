import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of a connection that may wait for the answers before theirs while more is read from it. */
const MOST_WAITING = 16;

/**
 * Requests that are written one behind the other on a connection (RFC 9112, section 9.3.2) are begun one after the other, each
 * when the system has taken the answer before it: a client that takes none costs one answer, however many it asked for. What
 * came in one read is there already, as requests without an answer; after that nothing is read until it is their turn.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, number>();

  /** Calls `begin` at once where nothing is before it, in its turn otherwise, and never where the connection ends before that. */
  take({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
    if (response.socket !== null) {
      begin();
      return;
    }
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
