import type { ServerResponse } from 'node:http';
import { constants, createGzip } from 'node:zlib';
import type { EventBody } from './stream.ts';

/**
 * Compresses an answer that goes on, and lets out what is written at once. Each client has a gzip stream of its own: what it
 * had before is what its next event is compressed against.
 */
export class GzipBody implements EventBody {
  readonly #response: ServerResponse;
  readonly #gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#gzip.pipe(response, { end: false });
    this.#gzip.once('end', () => response.write('', () => response.end()));
    // A write that is still at work fails with it, and nobody waits for it.
    this.#gzip.on('error', () => response.destroy());
    response.once('close', () => this.#gzip.destroy());
  }

  get writableLength(): number {
    return this.#gzip.writableLength + this.#gzip.readableLength + this.#response.writableLength;
  }

  /** `taken` is called when it is compressed, which waits for the client once the answer has enough. */
  write(bytes: Buffer | string, taken?: () => void): void {
    this.#gzip.write(bytes, taken);
  }

  end(): void {
    this.#gzip.end();
  }
}
