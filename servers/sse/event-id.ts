const NOTHING = Buffer.alloc(0);

/** The id of events as it counts once they are dispatched, kept as bytes: a string for each event would cost more than the rest. */
export class EventId {
  #bytes = NOTHING;
  #length = 0;
  #before = NOTHING;
  #beforeLength = 0;
  #isDispatched = true;

  /** Of the last event that was dispatched; empty where none had an id. */
  get last(): string {
    return this.#isDispatched
      ? this.#bytes.toString('utf8', 0, this.#length)
      : this.#before.toString('utf8', 0, this.#beforeLength);
  }

  /** An id with NUL is left out, as if it had not been said. */
  take(bytes: Buffer, start: number, end: number): void {
    for (let position = start; position < end; position++) if (bytes[position] === 0) return;
    if (this.#isDispatched) this.#keepBefore();
    const length = end - start;
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(2 * length);
    for (let index = 0; index < length; index++) this.#bytes[index] = bytes[start + index] ?? 0;
    this.#length = length;
  }

  dispatch(): void {
    this.#isDispatched = true;
  }

  #keepBefore(): void {
    const bytes = this.#before;
    this.#before = this.#bytes;
    this.#beforeLength = this.#length;
    this.#bytes = bytes;
    this.#isDispatched = false;
  }
}
