import type { WebSocket } from 'ws';
import type { Entry } from '../feed/log.ts';

const TEXT = { binary: false } as const;

/**
 * What one client still has to get. What it missed goes out no faster than the socket takes it, so that resuming from far
 * back is no sign of slowness; what is new meanwhile waits behind it, by reference. What is new and has not gone out may
 * come to `boundBytes`: beyond that the client does not keep up.
 */
export class Outbox {
  readonly client: WebSocket;
  readonly #boundBytes: number;
  readonly #onOverflow: () => void;
  #waiting: Entry[] = [];
  /** Index of the next entry to go out; those from `#firstNew` on are new. */
  #next = 0;
  #firstNew = 0;
  #newBytes = 0;

  constructor(client: WebSocket, boundBytes: number, onOverflow: () => void) {
    this.client = client;
    this.#boundBytes = boundBytes;
    this.#onOverflow = onOverflow;
  }

  resume(missed: Entry[]): void {
    this.#waiting = missed;
    this.#firstNew = missed.length;
    this.#pump();
  }

  push(entry: Entry): void {
    if (this.client.readyState !== this.client.OPEN) return;
    if (this.#waiting.length === 0) {
      // `bufferedAmount` is what ws and the socket hold: it leaves out what the kernel has taken.
      if (this.client.bufferedAmount > this.#boundBytes) this.#onOverflow();
      else this.client.send(entry, TEXT);
      return;
    }
    this.#waiting.push(entry);
    this.#newBytes += entry.length;
    if (this.#newBytes > this.#boundBytes) this.#onOverflow();
  }

  /** Lets go of what waits: the client is closing. */
  clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#firstNew = 0;
    this.#newBytes = 0;
  }

  #pump(): void {
    while (this.client.readyState === this.client.OPEN) {
      const entry = this.#waiting[this.#next];
      if (entry === undefined) break;
      if (this.#next >= this.#firstNew) this.#newBytes -= entry.length;
      this.#next += 1;
      if (this.client.bufferedAmount + entry.length > this.#boundBytes) {
        this.client.send(entry, TEXT, () => this.#pump());
        return;
      }
      this.client.send(entry, TEXT);
    }
    this.clear();
  }
}
