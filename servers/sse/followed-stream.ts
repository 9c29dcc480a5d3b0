import { type ProtocolCause, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { constants } from 'node:zlib';
import { Gunzip } from 'minizlib';
import { Inflation, type NotInflated } from '../compression/inflation.ts';
import type { AnswerHead } from '../wire/answer-head.ts';
import type { ServerPlace } from '../wire/client-socket.ts';
import { HttpConnection } from '../wire/http-connection.ts';
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

interface StreamEvents {
  /** It is an event stream. */
  opened(): void;
  /** `data` is only good during the call. */
  event(data: Buffer, type: string, receivedNs: number): void;
  /** Once, and nothing comes after it. */
  ended(end: SessionEnd): void;
}

interface StreamPlace {
  readonly server: ServerPlace;
  /** Head and all. */
  readonly request: string;
  readonly readsGzip: boolean;
}

/** One answer that goes on, over a connection of its own, until it ends or is let go of. */
export class FollowedStream {
  readonly #events: StreamEvents;
  readonly #connection: HttpConnection;
  readonly #stream: EventStreamReader;
  readonly #readsGzip: boolean;
  #inflation: Inflation | undefined;
  #receivedNs = 0;
  #closed = false;

  constructor({ server, request, readsGzip }: StreamPlace, events: StreamEvents) {
    this.#events = events;
    this.#readsGzip = readsGzip;
    this.#stream = new EventStreamReader({
      event: (data, type) => {
        if (!this.#closed) events.event(data, type, this.#receivedNs);
      },
      // It does not come back by itself.
      retry: () => undefined,
      violation: (cause) => this.#end({ code: 'protocol', cause }),
    });
    this.#connection = new HttpConnection(server, {
      head: (head) => this.#head(head),
      body: (bytes, _isLast, receivedNs) => {
        this.#receivedNs = receivedNs;
        if (this.#inflation === undefined) this.#stream.read(bytes);
        else this.#inflate(this.#inflation, bytes);
      },
      answered: () => this.#end({ code: 'connection-closed' }),
      reopened: () => undefined,
      ended: (end) => this.#end(end),
    });
    this.#connection.ask(request);
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
    if (status !== OK) this.#end(statusEnd(status, reason));
    else if (!EVENT_STREAM.test(fields.get('content-type') ?? ''))
      this.#end({ code: 'protocol', cause: 'content-type' });
    // Compressed by something on the way, whatever the request said.
    else if (coding !== undefined && !(coding === 'gzip' && this.#readsGzip))
      this.#end({ code: 'protocol', cause: 'content-encoding' });
    else {
      if (coding !== undefined) this.#inflation = new Inflation(new Gunzip(GUNZIP_OPTIONS));
      this.#events.opened();
    }
  }

  #inflate(inflation: Inflation, bytes: Buffer): void {
    const run = inflation.run(bytes);
    if (typeof run === 'string') this.#end({ code: 'protocol', cause: NOT_INFLATED[run] });
    else this.#stream.read(run.bytes);
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}
