const EMPTY = Buffer.alloc(0);

/**
 * The beginning of something whose rest has not come yet. Bytes are copied once, into a buffer that doubles, so that an
 * answer of megabytes in thousands of chunks costs in proportion to its size.
 */
export class PendingBytes {
  #buffer = EMPTY;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** What waits with `chunk` behind it: a view that is good until the next call. */
  join(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    this.#reserve(this.#length + chunk.length);
    chunk.copy(this.#buffer, this.#length);
    this.#length += chunk.length;
    return this.#buffer.subarray(0, this.#length);
  }

  /** Of `joined`, which `join` has just returned, keeps the bytes from `position` on and lets go of the others. */
  keep(joined: Buffer, position: number): void {
    const length = joined.length - position;
    if (length === 0) {
      this.#buffer = EMPTY;
    } else if (this.#length === 0) {
      this.#buffer = Buffer.from(joined.subarray(position));
    } else if (position > 0) {
      this.#buffer.copyWithin(0, position, joined.length);
    }
    this.#length = length;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
