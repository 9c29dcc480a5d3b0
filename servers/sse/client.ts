import { type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import type { AnswerHead } from '../wire/answer-head.ts';
import { FeedReader } from '../wire/feed-reader.ts';
import { HttpConnection } from '../wire/http-connection.ts';
import type { OpenSession, Session, SessionEvents, SessionOptions } from '../transport.ts';
import { EventStreamReader } from './event-stream-reader.ts';

const OK = 200;
/** With whatever parameters: an event stream is UTF-8 in any case (HTML Standard). */
const EVENT_STREAM = /^text\/event-stream[ \t]*(?:;|$)/i;

/** Listens to an answer that goes on; when it ends the session does. */
class EventSession implements Session {
  readonly #events: SessionEvents;
  readonly #connection: HttpConnection;
  readonly #reader: FeedReader;
  readonly #stream: EventStreamReader;
  #receivedNs = 0;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#stream = new EventStreamReader({
      event: (data, type) => this.#event(data, type),
      // It does not come back by itself.
      retry: () => undefined,
      violation: (cause) => this.#fail({ code: 'protocol', cause }),
    });
    this.#connection = new HttpConnection(options, {
      head: (head) => this.#head(head),
      body: (bytes, _isLast, receivedNs) => {
        this.#receivedNs = receivedNs;
        this.#stream.read(bytes);
      },
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

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #head({ status, reason, fields }: AnswerHead): void {
    if (status !== OK) this.#fail(statusEnd(status, reason));
    else if (!EVENT_STREAM.test(fields.get('content-type') ?? ''))
      this.#fail({ code: 'protocol', cause: 'content-type' });
    // Compressed by something on the way, whatever the request said.
    else if (fields.has('content-encoding')) this.#fail({ code: 'protocol', cause: 'content-encoding' });
    else this.#events.opened();
  }

  #event(data: Buffer, type: string): void {
    if (this.#closed) return;
    if (type === 'message') this.#reader.accept(data, this.#receivedNs);
    else this.#events.foreign(data);
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(end);
  }
}

function requestOf({ host, port, headers, position }: SessionOptions): string {
  const place = `${host}:${port}`;
  const since = position.kind === 'after' ? position.seq : 0;
  return [
    `GET /events?since=${since} HTTP/1.1`,
    `Host: ${place}`,
    'Connection: keep-alive',
    ...headers.events(place),
    '',
    '',
  ].join('\r\n');
}

export const openSession: OpenSession = (options, events) => new EventSession(options, events);
