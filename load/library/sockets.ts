import type { Socket } from 'node:net';
import { systemErrorCode } from '../../scenarios/failures.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';

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

  /** Takes a connection that is up, with all that it has carried. */
  add(socket: Socket): Socket {
    if (this.#open.has(socket)) return socket;
    this.#open.add(socket);
    this.#end = { code: 'connection-closed' };
    socket.on('error', (error) => {
      this.#end = { code: 'connection-lost', system: systemErrorCode(error) ?? error.message };
    });
    socket.once('close', () => {
      this.#bytesReadBefore += socket.bytesRead;
      this.#bytesWrittenBefore += socket.bytesWritten;
      this.#open.delete(socket);
    });
    return socket;
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
