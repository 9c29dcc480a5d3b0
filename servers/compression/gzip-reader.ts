import { constants } from 'node:zlib';
import { Gunzip } from 'minizlib';
import { Inflation, type NotInflated } from './inflation.ts';

/** Reads whole gzip bodies (RFC 1952), one after the other, of `mostBytes` at most. */
export class GzipReader {
  readonly #mostBytes: number;
  #inflation: Inflation | undefined;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  read(body: Buffer): Buffer | NotInflated {
    const options = { flush: constants.Z_FINISH, maxOutputLength: this.#mostBytes };
    this.#inflation ??= new Inflation(new Gunzip(options));
    const run = this.#inflation.run(body);
    if (typeof run === 'string') {
      this.#inflation = undefined;
      return run;
    }
    this.#inflation.reset();
    return run.bytes;
  }
}
