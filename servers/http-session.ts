import type { Socket } from 'node:net';
import { monotonicNs } from '../scenarios/clock.ts';
import { openClientSocket } from './client-socket.ts';
import { FeedReader } from './feed-reader.ts';
import type { Session, SessionEvents, SessionOptions } from './transport.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_FEED = 0x0a;
const MOST_HEAD_BYTES = 64 * 1024;

/**
 * A keep-alive HTTP/1.1 connection on which one GET /messages follows the other: the hot path of the polling clients.
 * It reads answers with a Content-Length, as they are sent here, and says so where it meets anything else.
 */
export class HttpSession implements Session {
  readonly #socket: Socket;
  readonly #reader: FeedReader;
  readonly #events: SessionEvents;
  readonly #tail: string;
  readonly #onAnswer: () => void;
  #pending: Buffer = Buffer.alloc(0);
  #inFlight = false;
  #opened = false;
  #closed = false;

  /** `onAnswer` is called after each answer, when the next request may be sent. */
  constructor(options: SessionOptions, events: SessionEvents, onAnswer: () => void) {
    const host = `${options.host}:${options.port}`;
    this.#tail = [' HTTP/1.1', `Host: ${host}`, 'Connection: keep-alive', ...options.headers.fetch(host), '', ''].join(
      '\r\n',
    );
    this.#events = events;
    this.#onAnswer = onAnswer;
    this.#reader = new FeedReader(events, options.position);
    this.#socket = openClientSocket(options, {
      connected: () => this.request(),
      readable: (bytes) => this.#read(bytes),
      ended: (reason) => this.#lost(reason),
    });
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  /** Asks for what comes after the last message; does nothing while an answer is still awaited. */
  request(): void {
    if (this.#inFlight || this.#closed) return;
    this.#inFlight = true;
    const { position } = this.#reader;
    // Without `since` every door answers at once, with all it has: that confirms the subscription.
    const query = position.kind === 'after' ? `?since=${position.seq}` : '';
    this.#socket.write(`GET /messages${query}${this.#tail}`);
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const receivedNs = monotonicNs();
    const data = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const headEnd = data.indexOf(HEAD_END);
    if (headEnd < 0) {
      this.#wait(data);
      return;
    }
    const bodyStart = headEnd + HEAD_END.length;
    const bodyLength = this.#bodyLength(data.toString('latin1', 0, headEnd));
    if (bodyLength === undefined) return;
    if (data.length < bodyStart + bodyLength) {
      this.#wait(data);
      return;
    }
    this.#pending = Buffer.alloc(0);
    this.#answer(data.subarray(bodyStart, bodyStart + bodyLength), receivedNs);
  }

  /** `data` may be the shared read buffer, so what has to wait is copied. */
  #wait(data: Buffer): void {
    this.#pending = data === this.#pending ? data : Buffer.from(data);
    if (data.length > MOST_HEAD_BYTES && !data.includes(HEAD_END)) this.#fail('an answer whose head does not end');
  }

  /** Undefined where the answer is not one that can be read; the session has ended then. */
  #bodyLength(head: string): number | undefined {
    const status = head.slice(9, 12);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (status === '200' && length !== undefined) return Number(length);
    this.#fail(
      status === '200'
        ? 'an answer without Content-Length'
        : `the server answered ${head.slice(9, head.indexOf('\r\n'))}`,
    );
    return undefined;
  }

  #answer(body: Buffer, receivedNs: number): void {
    this.#inFlight = false;
    const messages = this.#deliver(body, receivedNs);
    if (messages === 0) this.#reader.startOfFeed();
    this.#events.answered(messages, receivedNs);
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    if (!this.#closed) this.#onAnswer();
  }

  /** The body is a JSON array with one frame a line; see http-answer.ts. */
  #deliver(body: Buffer, receivedNs: number): number {
    let messages = 0;
    let start = 1;
    while (start < body.length - 1) {
      const lineFeed = body.indexOf(LINE_FEED, start);
      const end = lineFeed < 0 ? body.length - 1 : lineFeed - 1;
      this.#reader.accept(body.subarray(start, end), receivedNs);
      messages += 1;
      start = end + 2;
    }
    return messages;
  }

  #fail(reason: string): void {
    this.#lost(reason);
    this.close();
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.lost(reason);
  }
}
