import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** What the client halves do with a socket, without the kernel; what they write comes to `said` in a turn of its own. */
export class MemorySocket extends EventEmitter {
  readonly #said: (bytes: Buffer) => void;
  readonly writableLength = 0;
  bytesWritten = 0;
  destroyed = false;

  constructor(said: (bytes: Buffer) => void) {
    super();
    this.#said = said;
  }

  /** For whoever takes sockets; what is not here, no client half uses. */
  asSocket(): Socket {
    return this as unknown as Socket;
  }

  write(data: Buffer | string, encoding?: BufferEncoding): boolean {
    if (this.destroyed) return false;
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    this.bytesWritten += bytes.length;
    this.#said(bytes);
    return true;
  }

  end(data?: Buffer | string): this {
    if (data !== undefined) this.write(data);
    // A server that is told of the end ends its side too.
    setImmediate(() => this.destroy());
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    setImmediate(() => this.emit('close'));
    return this;
  }
}
