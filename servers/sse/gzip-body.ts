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
    this.#gzip.pipe(response);
    // A write that is still at work fails with it, and nobody waits for it.
    this.#gzip.on('error', () => response.destroy());
    response.once('close', () => this.#gzip.destroy());
  }

  get writableLength(): number {
    return this.#gzip.writableLength + this.#gzip.readableLength + this.#response.writableLength;
  }

  write(bytes: Buffer | string, taken?: () => void): void {
    this.#gzip.write(bytes, () => {
      if (taken === undefined) return;
      if (this.#response.writableNeedDrain) this.#response.once('drain', taken);
      else taken();
    });
  }

  end(bytes: string): void {
    this.#gzip.end(bytes);
  }
}
