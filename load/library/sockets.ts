import type { Socket } from 'node:net';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { endOfError } from './error-end.ts';

/**
 * The TCP connections that a library holds for one session: what they carried, and how the last of them ended. Bytes that are
 * being handled do not count yet, as the contract of a session has it.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  #bytesReadBefore = 0;
  #bytesWrittenBefore = 0;
  #bytesRead = 0;
  #isHandling = false;
  #end: SessionEnd = { code: 'connection-closed' };

  /** Takes a connection that is up, or on its way, with all that it has carried. */
  add(socket: Socket): Socket {
    this.#open.add(socket);
    this.#end = { code: 'connection-closed' };
    socket.on('error', (error) => {
      const end = endOfError(error);
      // A library that is done with a connection may destroy it with words of its own.
      if (end.code !== 'other') this.#end = end;
    });
    socket.once('close', () => {
      this.#bytesReadBefore += socket.bytesRead;
      this.#bytesWrittenBefore += socket.bytesWritten;
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
    for (const socket of this.#open) bytes += socket.bytesWritten;
    return bytes;
  }

  #settle(): void {
    let bytes = this.#bytesReadBefore;
    for (const socket of this.#open) bytes += socket.bytesRead;
    this.#bytesRead = bytes;
  }
}
