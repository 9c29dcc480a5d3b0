import type { WebSocket } from 'ws';
import { encodeBinary } from '../../scenarios/feed/binary-message.ts';
import { EncodedOnce } from '../feed/encoded-once.ts';
import type { Entry } from '../feed/log.ts';
import type { Sink } from '../feed/outbox.ts';
import type { WireSocket } from '../http2/websocket-stream.ts';

/** How entries go out: of which kind the frames are, and what is in one. */
export interface FrameForm {
  readonly frame: { readonly binary: boolean };
  readonly encode: (entry: Entry) => Buffer;
}

export const TEXT_FRAMES: FrameForm = { frame: { binary: false }, encode: (entry) => entry };

/** To be shared by all that get the same entries: each is encoded once. */
export function binaryFrames(): FrameForm {
  const encoded = new EncodedOnce(encodeBinary);
  return { frame: { binary: true }, encode: (entry) => encoded.of(entry) };
}

interface SinkOptions {
  readonly slowMs: number;
  /** What goes out in one turn of the loop, as at the end of a window, goes out in one write. */
  readonly gathers: boolean;
}

/** A WebSocket as an outbox sees it: every entry is a frame. */
export class WebSocketSink implements Sink {
  readonly #client: WebSocket;
  readonly #socket: WireSocket;
  readonly #form: FrameForm;
  readonly #slowMs: number;
  readonly #gathers: boolean;
  #isGathering = false;
  #stalled: (() => void) | undefined;

  /** `socket` is the one under `client`; it counts the time in which nothing moves, a part of a large write included. */
  constructor({ client, socket }: { client: WebSocket; socket: WireSocket }, form: FrameForm, options: SinkOptions) {
    this.#client = client;
    this.#socket = socket;
    this.#form = form;
    this.#slowMs = options.slowMs;
    this.#gathers = options.gathers;
  }

  get open(): boolean {
    return this.#client.readyState === this.#client.OPEN;
  }

  /** What ws and the socket hold: it leaves out what the kernel has taken. */
  get waitingBytes(): number {
    return this.#client.bufferedAmount;
  }

  send(entry: Entry, taken?: () => void): void {
    if (this.#gathers) this.#gather();
    this.#client.send(this.#form.encode(entry), this.#form.frame, taken);
  }

  /** An answer over HTTP does so by itself. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#socket.uncork();
    });
  }

  watch(stalled: (() => void) | undefined): void {
    if (this.#stalled !== undefined) this.#socket.setTimeout(0, this.#stalled);
    this.#stalled = stalled;
    if (stalled !== undefined) this.#socket.setTimeout(this.#slowMs, stalled);
  }
}
