import { type ProtocolCause, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { GzipReader } from '../compression/gzip-reader.ts';
import type { NotInflated } from '../compression/inflation.ts';
import type { AnswerHead } from './answer-head.ts';
import { FeedReader } from './feed-reader.ts';
import { HttpConnection } from './http-connection.ts';
import { PendingBytes } from './pending-bytes.ts';
import type { Session, SessionEvents, SessionOptions } from '../transport.ts';

const OK = 200;
/** Above what any log holds. */
const MOST_BODY_BYTES = 1024 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const ACCEPT_ENCODING = /^accept-encoding:/i;
/** Sessions of a process read one answer after the other. */
const gzipReader = new GzipReader(MOST_BODY_BYTES);
const NOT_INFLATED = { malformed: 'gzip', 'too-large': 'large-body' } as const satisfies Record<
  NotInflated,
  ProtocolCause
>;

/** What the owner of a session decides: where it asks, and when the next request goes out. */
interface Pace {
  readonly path: string;
  /** After each answer, when the next request may be sent. */
  answered(): void;
  /** The session ended by itself: there is nothing to wait for any more. */
  ended(): void;
}

/** Follows the feed by one GET after the other: what to ask for next, and what the answers hold. */
export class HttpSession implements Session {
  readonly #connection: HttpConnection;
  readonly #reader: FeedReader;
  readonly #events: SessionEvents;
  readonly #tail: string;
  readonly #pace: Pace;
  readonly #readsGzip: boolean;
  readonly #body = new PendingBytes();
  /** The last part of the body, which is not copied: an answer mostly comes in one piece. */
  #lastPart: Buffer = EMPTY;
  #isGzip = false;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents, pace: Pace) {
    const host = `${options.host}:${options.port}`;
    this.#readsGzip = options.values.compression === 'gzip';
    const headers = fieldsOf(options.headers.fetch(host), this.#readsGzip);
    this.#tail = [' HTTP/1.1', `Host: ${host}`, 'Connection: keep-alive', ...headers, '', ''].join('\r\n');
    this.#events = events;
    this.#pace = pace;
    this.#reader = new FeedReader(events, options.position);
    this.#connection = new HttpConnection(options, {
      head: (head) => this.#head(head),
      body: (bytes, isLast) => this.#takeBody(bytes, isLast),
      answered: (receivedNs) => this.#answer(receivedNs),
      reopened: () => events.reopened(),
      ended: (end) => this.#lost(end),
    });
    this.request();
  }

  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  /** Asks for what comes after the last message; does nothing while an answer is still awaited. */
  request(): void {
    if (this.#closed || this.#connection.isAsking) return;
    const { position } = this.#reader;
    // Without `since` every door answers at once, with all it has: that confirms the subscription.
    const query = position.kind === 'after' ? `?since=${position.seq}` : '';
    this.#connection.ask(`GET ${this.#pace.path}${query}${this.#tail}`);
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #head({ status, reason, fields }: AnswerHead): void {
    const coding = fields.get('content-encoding')?.toLowerCase();
    this.#isGzip = coding === 'gzip' && this.#readsGzip;
    if (status !== OK) this.#fail(statusEnd(status, reason));
    // Compressed by something on the way, or in a way that nobody asked for, whatever the headers said.
    else if (coding !== undefined && !this.#isGzip) this.#fail({ code: 'protocol', cause: 'content-encoding' });
  }

  #takeBody(bytes: Buffer, isLast: boolean): void {
    if (this.#body.length + bytes.length > MOST_BODY_BYTES) this.#fail({ code: 'protocol', cause: 'large-body' });
    else if (isLast) this.#lastPart = bytes;
    else this.#body.keep(this.#body.join(bytes), 0);
  }

  #answer(receivedNs: number): void {
    if (this.#closed) return;
    const sent = this.#body.join(this.#lastPart);
    const body = this.#isGzip ? gzipReader.read(sent) : sent;
    if (typeof body === 'string') {
      this.#fail({ code: 'protocol', cause: NOT_INFLATED[body] });
      return;
    }
    const messages = this.#reader.acceptAnswer(body, receivedNs, () => !this.#closed);
    this.#body.keep(sent, sent.length);
    this.#lastPart = EMPTY;
    if (this.#closed) return;
    if (messages === 0) this.#reader.startOfFeed();
    this.#events.answered(messages, receivedNs);
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    if (!this.#closed) this.#pace.answered();
  }

  #fail(end: SessionEnd): void {
    this.#lost(end);
    this.close();
  }

  #lost(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pace.ended();
    this.#events.lost(end);
  }
}

/** Header lines of a client that reads gzip, or does not: one that has said what it accepts does not say it again. */
function fieldsOf(lines: readonly string[], readsGzip: boolean): readonly string[] {
  const isSaid = lines.some((line) => ACCEPT_ENCODING.test(line));
  return readsGzip && !isSaid ? [...lines, 'Accept-Encoding: gzip'] : lines;
}
