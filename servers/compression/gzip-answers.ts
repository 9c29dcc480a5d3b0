import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EncodedOnce } from '../feed/encoded-once.ts';

const compress = promisify(gzip);
/** What an answer says besides when it is compressed; a shorter body cannot win that back. */
const FIELD_BYTES = 'content-encoding: gzip\r\n'.length;

/**
 * Bodies of answers by gzip, as zlib does it unless told otherwise, each made once for all clients of it. It is done in zlib's
 * threads: what a client gets that has nothing may be megabytes, and the others would wait.
 */
export class GzipAnswers {
  readonly #bodies = new EncodedOnce(compressed);

  /** Undefined where the answer is smaller as it is. */
  async of(body: Buffer): Promise<Buffer | undefined> {
    return this.#bodies.of(body);
  }
}

async function compressed(body: Buffer): Promise<Buffer | undefined> {
  if (body.length <= FIELD_BYTES) return undefined;
  const small = await compress(body);
  return small.length + FIELD_BYTES < body.length ? small : undefined;
}
