const TICK_MS = 25;

/** Time as the loop of this process had it: while that stood still, or was not run, none has passed. */
export class LoopClock implements Disposable {
  #ticks = 0;
  readonly #timer = setInterval(() => (this.#ticks += 1), TICK_MS);

  get elapsedMs(): number {
    return this.#ticks * TICK_MS;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
