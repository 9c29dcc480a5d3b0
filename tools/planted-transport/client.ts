import { monotonicNs } from '../../scenarios/clock.ts';
import { rejected } from '../../scenarios/feed/signal.ts';
import { statusEnd, type SessionEnd } from '../../scenarios/session-end.ts';
import { FeedReader } from '../../servers/wire/feed-reader.ts';
import { HttpConnection } from '../../servers/wire/http-connection.ts';
import { PendingBytes } from '../../servers/wire/pending-bytes.ts';
import type {
  Answered,
  OpenSession,
  Session,
  SessionCommand,
  SessionEvents,
  SessionOptions,
} from '../../servers/transport.ts';

const LINE_FEED = 0x0a;

/** Reads an answer that goes on, one entry a line. */
class LineSession implements Session {
  readonly #connection: HttpConnection;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #pending = new PendingBytes();
  readonly #lineEndBytes: number;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    this.#lineEndBytes = new Map<string, unknown>(Object.entries(options.values)).get('ending') === 'crlf' ? 2 : 1;
    this.#reader = new FeedReader(events, options.position);
    this.#connection = new HttpConnection(options, {
      head: ({ status, reason }) => {
        if (status === 200) events.opened();
        else this.#fail(statusEnd(status, reason));
      },
      body: (bytes, _isLast, receivedNs) => this.#read(bytes, receivedNs),
      answered: () => this.#fail({ code: 'connection-closed' }),
      reopened: () => events.reopened(),
      ended: (end) => this.#fail(end),
    });
    this.#connection.ask(requestOf(options));
  }

  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  /** Its door only tells. */
  say(_command: SessionCommand, answered: Answered): void {
    queueMicrotask(() => answered(rejected('forbidden'), monotonicNs()));
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #read(bytes: Buffer, receivedNs: number): void {
    const data = this.#pending.join(bytes);
    let place = 0;
    for (let end = data.indexOf(LINE_FEED); end >= 0 && !this.#closed; end = data.indexOf(LINE_FEED, place)) {
      this.#reader.accept(data.subarray(place, end + 1 - this.#lineEndBytes), receivedNs);
      place = end + 1;
    }
    this.#pending.keep(data, place);
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(end);
  }
}

function requestOf({ host, port, headers, position }: SessionOptions): string {
  const place = `${host}:${port}`;
  const since = position.kind === 'after' ? `?since=${position.seq}` : '';
  return [`GET /lines${since} HTTP/1.1`, `Host: ${place}`, ...headers.fetch(place), '', ''].join('\r\n');
}

export const openSession: OpenSession = (options, events) => new LineSession(options, events);
