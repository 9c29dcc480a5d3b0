import type { Client } from 'undici';
import { openRhythm } from '../../../scenarios/asking/rhythm.ts';
import { monotonicNs } from '../../../scenarios/clock.ts';
import type { SessionEnd } from '../../../scenarios/session-end.ts';
import { PollGrid } from '../../../servers/feed/poll-grid.ts';
import { endOfError } from '../../library/error-end.ts';
import { Sockets } from '../../library/sockets.ts';
import { openHttpClient, pathAt } from './http-client.ts';
import {
  Came,
  headersFor,
  type Link,
  type LinkEvents,
  type LinkOptions,
  refusalEnd,
  targetOf,
  withScheme,
} from './link.ts';

const OK = 200;
/** Nothing is new: no content, or not modified. */
const NOTHING_NEW: ReadonlySet<number> = new Set([204, 304]);
/** Longer than any server holds a poll that means to answer it. */
const HELD_MS = 120_000;

/** Asks by undici at points of a grid, or again when an answer is there. */
export class PollingLink implements Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #sockets = new Sockets();
  readonly #client: Client;
  readonly #headers: Record<string, string>;
  readonly #grid: PollGrid | undefined;
  readonly #gone = new AbortController();
  #latest: Came | undefined;
  #connections = 0;
  #isAsking = false;
  #wasOpened = false;
  #closed = false;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#headers = headersFor(options.adapter, options.address);
    this.#client = openHttpClient(options, this.#sockets, () => {
      this.#connections += 1;
      if (this.#connections > 1 && !this.#closed) events.reopened();
      // A server that has nothing yet holds the first poll as any other.
      if (this.#grid === undefined) this.#open();
    });
    if (options.adapter.by === 'polling')
      this.#grid = new PollGrid(options.poll, openRhythm('since'), () => void this.#ask());
    void this.#ask();
  }

  get extraConnections(): number {
    return this.#sockets.extra;
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  say(): void {
    throw new TypeError('who polls says nothing over its connection: return {post, body}');
  }

  close(): void {
    this.#closed = true;
    this.#grid?.stop();
    this.#gone.abort();
    void this.#client.destroy();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#closed) return;
    const { limits } = this.#options;
    this.#isAsking = true;
    try {
      const { statusCode, statusText, headers, body } = await this.#client.request({
        method: 'GET',
        path: this.#path(),
        headers: this.#headers,
        headersTimeout: this.#grid === undefined ? HELD_MS : limits.stepMs,
        bodyTimeout: limits.stepMs,
        signal: this.#gone.signal,
      });
      const bytes = Buffer.from(await body.arrayBuffer());
      const receivedNs = monotonicNs();
      this.#isAsking = false;
      if (statusCode === OK) this.#take(bytes, receivedNs);
      else if (NOTHING_NEW.has(statusCode)) this.#take(undefined, receivedNs);
      else this.#end(refusalEnd(statusCode, statusText, headers));
    } catch (error) {
      this.#end(endOfError(error));
    }
  }

  #path(): string {
    const { adapter, address, last } = this.#options;
    return pathAt(address, adapter.ask?.(last(), targetOf(address), this.#latest) ?? withScheme(address, 'http'));
  }

  #take(bytes: Buffer | undefined, receivedNs: number): void {
    if (this.#closed) return;
    this.#open();
    const came = bytes === undefined ? undefined : new Came(bytes);
    this.#latest = came ?? this.#latest;
    this.#sockets.handle(() => {
      if (came !== undefined) this.#events.came(came, receivedNs);
      if (!this.#closed) this.#events.answered(receivedNs);
    });
    if (this.#grid !== undefined) this.#grid.answered(0);
    else void this.#ask();
  }

  #open(): void {
    if (this.#wasOpened || this.#closed) return;
    this.#wasOpened = true;
    this.#events.opened();
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}
