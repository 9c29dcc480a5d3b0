import type { Socket } from 'node:net';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { endOfError } from './error-end.ts';

/**
 * The TCP connections that a library holds for one session: what they carried, and how the last of them ended. Bytes that are
 * being handled do not count yet, as the contract of a session has it.
 */
export class Sockets {
  /** Each with what counts the bytes that cross: over TLS the connection below it. */
  readonly #open = new Map<Socket, Socket>();
  #bytesReadBefore = 0;
  #bytesWrittenBefore = 0;
  #bytesRead = 0;
  #isHandling = false;
  #end: SessionEnd = { code: 'connection-closed' };

  /** Takes a connection that is up, or on its way, with all that it has carried. */
  add(socket: Socket, wire = socket): Socket {
    this.#open.set(socket, wire);
    this.#end = { code: 'connection-closed' };
    socket.on('error', (error) => {
      const end = endOfError(error);
      // A library that is done with a connection may destroy it with words of its own.
      if (end.code !== 'other') this.#end = end;
    });
    socket.once('close', () => {
      this.#bytesReadBefore += wire.bytesRead;
      this.#bytesWrittenBefore += wire.bytesWritten;
      this.#open.delete(socket);
    });
    return socket;
  }

  /** How many there are besides the first. */
  get extra(): number {
    return Math.max(0, this.#open.size - 1);
  }

  /** How the connection ended, as far as it is known. */
  get end(): SessionEnd {
    return this.#end;
  }

  /** Runs what makes something of bytes that have come. */
  handle(run: () => void): void {
    this.#isHandling = true;
    try {
      run();
    } finally {
      this.#isHandling = false;
      this.#settle();
    }
  }

  get bytesRead(): number {
    if (!this.#isHandling) this.#settle();
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    let bytes = this.#bytesWrittenBefore;
    for (const wire of this.#open.values()) bytes += wire.bytesWritten;
    return bytes;
  }

  #settle(): void {
    let bytes = this.#bytesReadBefore;
    for (const wire of this.#open.values()) bytes += wire.bytesRead;
    this.#bytesRead = bytes;
  }
}
