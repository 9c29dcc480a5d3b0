import type { ServerResponse } from 'node:http';
import type { Entry } from '../feed/log.ts';
import type { Sink } from '../feed/outbox.ts';
import { type Lane, laneOf } from '../http2/lane.ts';
import { encodeComment, SIGN_OF_LIFE } from './event.ts';

/** Where events are written: the answer itself, or what compresses them into it. */
export interface EventBody {
  /** Bytes that were written and that the system has not taken yet. */
  readonly writableLength: number;
  /** `taken` is called once the system has all of it, or the connection is gone. */
  write(bytes: Buffer | string, taken?: () => void): unknown;
  end(): unknown;
}

export interface EventStreamOptions {
  /** The entry as an event, made once for all clients. */
  readonly encode: (entry: Entry) => Buffer;
  readonly sendBufferBytes: number;
  readonly slowMs: number;
}

/** One client's stream as an outbox sees it: every entry is an event, in a chunk of its own. */
export class EventStream implements Sink {
  readonly #response: ServerResponse;
  readonly #lane: Lane;
  readonly #body: EventBody;
  readonly #options: EventStreamOptions;
  #stalled: (() => void) | undefined;

  constructor(response: ServerResponse, body: EventBody, options: EventStreamOptions) {
    this.#response = response;
    this.#lane = laneOf(response.req);
    this.#body = body;
    this.#options = options;
    // With a listener Node leaves it to us what becomes of a connection on which nothing moves.
    response.on('timeout', () => this.#stalled?.());
  }

  get open(): boolean {
    return this.#stalled !== this.#cut && !this.#lane.destroyed;
  }

  get waitingBytes(): number {
    return this.#body.writableLength;
  }

  send(entry: Entry, taken?: () => void): void {
    this.#body.write(this.#options.encode(entry), taken);
  }

  /** What is kept nowhere: whoever has too much waiting does without it. */
  signal(bytes: Buffer): void {
    if (this.open && this.waitingBytes <= this.#options.sendBufferBytes) this.send(bytes);
  }

  watch(stalled: (() => void) | undefined): void {
    if (!this.open || this.#stalled === stalled) return;
    this.#stalled = stalled;
    this.#response.setTimeout(stalled === undefined ? 0 : this.#options.slowMs);
  }

  /** For those who cut what is silent. Whoever has something waiting is not in want of more. */
  giveSignOfLife(): void {
    if (this.open && this.waitingBytes === 0) this.#body.write(SIGN_OF_LIFE);
  }

  /**
   * Ends the stream behind what waits already, so the client can see why if it reads; one that takes nothing of it is cut
   * off. Resolves when the connection is gone.
   */
  async end(reason: string): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#response.once('close', () => resolve());
    });
    if (this.open) {
      this.#stalled = this.#cut;
      this.#response.setTimeout(this.#options.slowMs);
      // To Node an answer that has ended is idle, though the half of it waits: a server that closes would cut it off.
      this.#body.write(encodeComment(reason), () => this.#body.end());
    }
    await closed;
  }

  readonly #cut = (): void => void this.#response.destroy();
}
