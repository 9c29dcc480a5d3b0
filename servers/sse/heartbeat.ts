/** One timer for all: a node with thousands of clients must not stop for all of them at once. */
const TURNS = 60;

/**
 * Calls each listener once a period, a share of them at a time: they are dealt out evenly, however they came. There is a
 * timer only while there is a listener.
 */
export class Heartbeat {
  readonly #turnMs: number;
  readonly #turns: readonly Set<() => void>[] = Array.from({ length: TURNS }, () => new Set());
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #next = 0;
  #listeners = 0;

  constructor(periodMs: number) {
    this.#turnMs = periodMs / TURNS;
  }

  /** The returned function ends it, once. */
  add(listener: () => void): () => void {
    const listeners = this.#turns[this.#next];
    this.#next = (this.#next + 1) % TURNS;
    listeners?.add(listener);
    this.#listeners += 1;
    this.#timer ??= setInterval(() => this.#beat(), this.#turnMs);
    return () => {
      if (listeners?.delete(listener) !== true) return;
      this.#listeners -= 1;
      if (this.#listeners > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #beat(): void {
    for (const listener of this.#turns[this.#turn] ?? []) listener();
    this.#turn = (this.#turn + 1) % TURNS;
  }
}
