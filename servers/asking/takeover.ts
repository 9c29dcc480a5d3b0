interface Stream {
  close(): void;
}

interface TakeoverOptions<S extends Stream> {
  /** Asks for a stream from where the client is, of what it follows by now. */
  readonly ask: () => S;
  /** Whether another stream is wanted, for other channels. */
  readonly isWanted: () => boolean;
  /** The first stands, or another one in its place. */
  readonly opened: () => void;
  readonly reopened: () => void;
  /** It has been closed, because another one stands. */
  readonly letGo?: (stream: S) => void;
}

/**
 * A stream that is asked for anew because the client follows other channels. The old one is let go of when the new one stands,
 * so that the client is never away; a page does the same with a second EventSource.
 */
export class Takeover<S extends Stream> {
  readonly #options: TakeoverOptions<S>;
  #current: S;
  /** The one before, while the new one does not stand. */
  #before: S | undefined;
  #stands = false;
  #wasOpened = false;
  #closed = false;

  constructor(options: TakeoverOptions<S>) {
    this.#options = options;
    this.#current = options.ask();
  }

  /** The one that is read. */
  get current(): S {
    return this.#current;
  }

  get before(): S | undefined {
    return this.#before;
  }

  /** While one is on its way it is waited for; it may be for other channels already. */
  askAnew(): void {
    if (this.#closed || !this.#stands || !this.#options.isWanted()) return;
    this.#stands = false;
    this.#before = this.#current;
    this.#current = this.#options.ask();
  }

  /** Told by the one that was asked for last: it stands. */
  stand(): void {
    if (this.#closed) return;
    this.#stands = true;
    const before = this.#before;
    this.#before = undefined;
    before?.close();
    if (before !== undefined) this.#options.letGo?.(before);
    if (this.#wasOpened) this.#options.reopened();
    else this.#options.opened();
    this.#wasOpened = true;
    this.askAnew();
  }

  close(): void {
    this.#closed = true;
    this.#current.close();
    this.#before?.close();
  }
}
