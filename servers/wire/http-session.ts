import type { SessionEnd } from '../../scenarios/session-end.ts';
import { acceptingGzip } from '../compression/accept-encoding.ts';
import { AnswerBody } from './answer-body.ts';
import { FeedReader } from './feed-reader.ts';
import { HttpConnection } from './http-connection.ts';
import type { Session, SessionEvents, SessionOptions } from '../transport.ts';

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
  readonly #body: AnswerBody;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents, pace: Pace) {
    const host = `${options.host}:${options.port}`;
    const readsGzip = options.values.compression === 'gzip';
    const headers = readsGzip ? acceptingGzip(options.headers.fetch(host)) : options.headers.fetch(host);
    this.#body = new AnswerBody(readsGzip);
    this.#tail = [' HTTP/1.1', `Host: ${host}`, 'Connection: keep-alive', ...headers, '', ''].join('\r\n');
    this.#events = events;
    this.#pace = pace;
    this.#reader = new FeedReader(events, options.position);
    this.#connection = new HttpConnection(options, {
      head: (head) => this.#go(this.#body.begin(head)),
      body: (bytes, isLast) => this.#go(this.#body.take(bytes, isLast)),
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

  #answer(receivedNs: number): void {
    if (this.#closed) return;
    const body = this.#body.whole();
    if ('code' in body) {
      this.#go(body);
      return;
    }
    const messages = this.#reader.acceptAnswer(body, receivedNs, () => !this.#closed);
    this.#body.clear();
    if (this.#closed) return;
    if (messages === 0) this.#reader.startOfFeed();
    this.#events.answered(messages, receivedNs);
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    if (!this.#closed) this.#pace.answered();
  }

  /** On, unless there is an end. */
  #go(end: SessionEnd | undefined): void {
    if (end === undefined) return;
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
