/**
 * Frames that are on their way, in the order in which they come out; those that come out at the same time in the order in
 * which they went in. They lie in slots of one buffer, a slot that was free last is taken first, so no more memory is
 * touched than frames were under way at once.
 */
export class FramesUnderWay {
  readonly #bytes: Buffer;
  readonly #slotBytes: number;
  readonly #views: Buffer[] = [];
  readonly #lengths: Uint16Array;
  /** A binary heap: of slots, by when they are due and then by their turn. */
  readonly #heap: Int32Array;
  readonly #dueNs: Float64Array;
  readonly #turns: Float64Array;
  readonly #free: Int32Array;
  #count = 0;
  #turn = 0;

  constructor(capacity: number, slotBytes: number) {
    this.#bytes = Buffer.alloc(capacity * slotBytes);
    this.#slotBytes = slotBytes;
    this.#lengths = new Uint16Array(capacity);
    this.#heap = new Int32Array(capacity);
    this.#dueNs = new Float64Array(capacity);
    this.#turns = new Float64Array(capacity);
    this.#free = Int32Array.from({ length: capacity }, (_, index) => capacity - 1 - index);
  }

  get count(): number {
    return this.#count;
  }

  /** Where the next frame can be read into; undefined where there is room for no more. It is taken by `add` alone. */
  get room(): Buffer | undefined {
    const slot = this.#free[this.#free.length - 1 - this.#count];
    return slot === undefined ? undefined : this.#view(slot);
  }

  /** What was read into `room`. */
  add(length: number, dueNs: number): void {
    const slot = this.#free[this.#free.length - 1 - this.#count];
    if (slot === undefined) throw new RangeError('there is no room for a frame');
    this.#lengths[slot] = length;
    this.#dueNs[slot] = dueNs;
    this.#turns[slot] = this.#turn++;
    this.#heap[this.#count] = slot;
    this.#rise(this.#count++);
  }

  /** When the first one comes out; infinity where none is under way. */
  get firstDueNs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#dueNs[this.#heap[0] ?? 0] ?? 0);
  }

  /** Takes the first one; its bytes are there until the next `add`. */
  take(): { readonly bytes: Buffer; readonly length: number } {
    const slot = this.#heap[0];
    if (this.#count === 0 || slot === undefined) throw new RangeError('no frame is under way');
    this.#count -= 1;
    this.#heap[0] = this.#heap[this.#count] ?? 0;
    this.#sink();
    this.#free[this.#free.length - 1 - this.#count] = slot;
    return { bytes: this.#view(slot), length: this.#lengths[slot] ?? 0 };
  }

  #view(slot: number): Buffer {
    const start = slot * this.#slotBytes;
    return (this.#views[slot] ??= this.#bytes.subarray(start, start + this.#slotBytes));
  }

  #isBefore(one: number, other: number): boolean {
    const apartNs = (this.#dueNs[one] ?? 0) - (this.#dueNs[other] ?? 0);
    return apartNs < 0 || (apartNs === 0 && (this.#turns[one] ?? 0) < (this.#turns[other] ?? 0));
  }

  #rise(from: number): void {
    const slot = this.#heap[from] ?? 0;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] ?? 0;
      if (!this.#isBefore(slot, above)) break;
      this.#heap[place] = above;
      place = parent;
    }
    this.#heap[place] = slot;
  }

  #sink(): void {
    const slot = this.#heap[0] ?? 0;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#count) break;
      const right = child + 1;
      if (right < this.#count && this.#isBefore(this.#heap[right] ?? 0, this.#heap[child] ?? 0)) child = right;
      const below = this.#heap[child] ?? 0;
      if (!this.#isBefore(below, slot)) break;
      this.#heap[place] = below;
      place = child;
    }
    this.#heap[place] = slot;
  }
}
