import { type ProtocolCause, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { constants } from 'node:zlib';
import { Gunzip } from 'minizlib';
import { acceptingGzip } from '../compression/accept-encoding.ts';
import { Inflation, type NotInflated } from '../compression/inflation.ts';
import type { AnswerHead } from '../wire/answer-head.ts';
import { FeedReader } from '../wire/feed-reader.ts';
import { HttpConnection } from '../wire/http-connection.ts';
import type { OpenSession, Session, SessionEvents, SessionOptions } from '../transport.ts';
import { EventStreamReader } from './event-stream-reader.ts';

const OK = 200;
/** With whatever parameters: an event stream is UTF-8 in any case (HTML Standard). */
const EVENT_STREAM = /^text\/event-stream[ \t]*(?:;|$)/i;

/** Of what one read may hold. */
const MOST_INFLATED_BYTES = 64 * 1024 * 1024;
const GUNZIP_OPTIONS = { flush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_INFLATED_BYTES } as const;
const NOT_INFLATED = { malformed: 'gzip', 'too-large': 'large-message' } as const satisfies Record<
  NotInflated,
  ProtocolCause
>;

/** Listens to an answer that goes on; when it ends the session does. */
class EventSession implements Session {
  readonly #events: SessionEvents;
  readonly #connection: HttpConnection;
  readonly #reader: FeedReader;
  readonly #stream: EventStreamReader;
  readonly #readsGzip: boolean;
  #inflation: Inflation | undefined;
  #receivedNs = 0;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    this.#readsGzip = options.values.compression === 'gzip';
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
        if (this.#inflation === undefined) this.#stream.read(bytes);
        else this.#inflate(this.#inflation, bytes);
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
    this.#inflation?.close();
  }

  #head({ status, reason, fields }: AnswerHead): void {
    const coding = fields.get('content-encoding')?.toLowerCase();
    if (status !== OK) this.#fail(statusEnd(status, reason));
    else if (!EVENT_STREAM.test(fields.get('content-type') ?? ''))
      this.#fail({ code: 'protocol', cause: 'content-type' });
    // Compressed by something on the way, whatever the request said.
    else if (coding !== undefined && !(coding === 'gzip' && this.#readsGzip))
      this.#fail({ code: 'protocol', cause: 'content-encoding' });
    else {
      if (coding !== undefined) this.#inflation = new Inflation(new Gunzip(GUNZIP_OPTIONS));
      this.#events.opened();
    }
  }

  #inflate(inflation: Inflation, bytes: Buffer): void {
    const run = inflation.run(bytes);
    if (typeof run === 'string') this.#fail({ code: 'protocol', cause: NOT_INFLATED[run] });
    else this.#stream.read(run.bytes);
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

function requestOf({ host, port, headers, position, values }: SessionOptions): string {
  const place = `${host}:${port}`;
  const since = position.kind === 'after' ? position.seq : 0;
  return [
    `GET /events?since=${since} HTTP/1.1`,
    `Host: ${place}`,
    'Connection: keep-alive',
    ...(values.compression === 'gzip' ? acceptingGzip(headers.events(place)) : headers.events(place)),
    '',
    '',
  ].join('\r\n');
}

export const openSession: OpenSession = (options, events) => new EventSession(options, events);
