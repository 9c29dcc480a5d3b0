import type { Client, Dispatcher } from 'undici';
import { monotonicNs } from '../../../scenarios/clock.ts';
import type { SessionEnd } from '../../../scenarios/session-end.ts';
import { EventStreamReader } from '../../../servers/sse/event-stream-reader.ts';
import { endOfError } from '../../library/error-end.ts';
import { Sockets } from '../../library/sockets.ts';
import { openHttpClient, pathAt } from './http-client.ts';
import { Came, headersFor, type Link, type LinkEvents, type LinkOptions, refusalEnd, withScheme } from './link.ts';

const OK = 200;

/** Server-Sent Events over undici. When the answer ends, so does the link. */
export class EventLink implements Link {
  readonly extraConnections = 0;
  readonly #sockets = new Sockets();
  readonly #client: Client;
  readonly #events: LinkEvents;
  readonly #stepMs: number;
  readonly #gone = new AbortController();
  readonly #reader: EventStreamReader;
  #receivedNs = 0;
  #closed = false;

  constructor({ adapter, address, limits }: LinkOptions, events: LinkEvents) {
    this.#events = events;
    this.#stepMs = limits.stepMs;
    this.#client = openHttpClient({ address, limits }, this.#sockets);
    this.#reader = new EventStreamReader({
      event: (data, type) => {
        if (!this.#closed) events.came(new Came(data, type), this.#receivedNs);
      },
      retry: () => undefined,
      violation: (cause) => this.#end({ code: 'protocol', cause }),
    });
    const headers = { Accept: 'text/event-stream', ...headersFor(adapter, address) };
    void this.#follow({ method: 'GET', path: pathAt(address, withScheme(address, 'http')), headers });
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  say(): void {
    throw new TypeError('who follows events says nothing over its connection: return {post, body}');
  }

  close(): void {
    this.#closed = true;
    this.#gone.abort();
    void this.#client.destroy();
  }

  async #follow(request: Dispatcher.RequestOptions): Promise<void> {
    try {
      const answer = await this.#client.request({
        ...request,
        headersTimeout: this.#stepMs,
        signal: this.#gone.signal,
      });
      const problem = problemOf(answer);
      if (problem !== undefined) {
        this.#end(problem);
        return;
      }
      this.#events.opened();
      answer.body.on('data', (bytes: Buffer) => {
        this.#receivedNs = monotonicNs();
        this.#sockets.handle(() => this.#reader.read(bytes));
      });
      answer.body.on('error', (error) => this.#end(endOfError(error)));
      answer.body.on('end', () => this.#end({ code: 'connection-closed' }));
    } catch (error) {
      this.#end(endOfError(error));
    }
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}

function problemOf({ statusCode, statusText, headers }: Dispatcher.ResponseData): SessionEnd | undefined {
  if (statusCode !== OK) return refusalEnd(statusCode, statusText, headers);
  const type = headers['content-type'];
  return typeof type === 'string' && type.startsWith('text/event-stream')
    ? undefined
    : { code: 'protocol', cause: 'content-type' };
}
