import type { Socket } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { openClientSocket } from './client-socket.ts';
import { FeedReader } from './feed-reader.ts';
import { PendingBytes } from './pending-bytes.ts';
import type { Session, SessionEvents, SessionOptions } from '../transport.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_FEED = 0x0a;
const ARRAY_START = 0x5b;
const ARRAY_END = 0x5d;
const MOST_HEAD_BYTES = 64 * 1024;

/** What the owner of a session does besides: it decides when the next request goes out. */
interface Pace {
  /** After each answer, when the next request may be sent. */
  answered(): void;
  /** The session ended by itself: there is nothing to wait for any more. */
  ended(): void;
}

/** Where in what has come so far the body of an answer lies; its end may still be on its way. */
interface BodyPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * A keep-alive HTTP/1.1 connection on which one GET /messages follows the other: the hot path of the polling clients.
 * It reads answers with a Content-Length, as they are sent here, and says so where it meets anything else.
 */
export class HttpSession implements Session {
  readonly #socket: Socket;
  readonly #reader: FeedReader;
  readonly #events: SessionEvents;
  readonly #tail: string;
  readonly #pace: Pace;
  readonly #pending = new PendingBytes();
  #body: BodyPlace | undefined;
  #inFlight = false;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents, pace: Pace) {
    const host = `${options.host}:${options.port}`;
    this.#tail = [' HTTP/1.1', `Host: ${host}`, 'Connection: keep-alive', ...options.headers.fetch(host), '', ''].join(
      '\r\n',
    );
    this.#events = events;
    this.#pace = pace;
    this.#reader = new FeedReader(events, options.position);
    this.#socket = openClientSocket(options, {
      connected: () => this.request(),
      readable: (bytes) => this.#read(bytes),
      ended: (end) => this.#lost(end),
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
    if (this.#closed) return;
    const receivedNs = monotonicNs();
    const data = this.#pending.join(bytes);
    this.#body ??= this.#findBody(data);
    const body = this.#body;
    if (body === undefined || data.length < body.end) {
      this.#pending.keep(data, 0);
      return;
    }
    this.#body = undefined;
    this.#pending.keep(data, data.length);
    if (this.#inFlight && data.length === body.end) this.#answer(data.subarray(body.start, body.end), receivedNs);
    else this.#fail({ code: 'protocol', cause: 'unasked-answer' });
  }

  /** Undefined where the head is not all there, or is not of an answer that can be read; the session has ended then. */
  #findBody(data: Buffer): BodyPlace | undefined {
    const headEnd = data.indexOf(HEAD_END);
    if (headEnd < 0) {
      if (data.length > MOST_HEAD_BYTES) this.#fail({ code: 'protocol', cause: 'endless-head' });
      return undefined;
    }
    const head = data.toString('latin1', 0, headEnd);
    const status = head.slice(9, 12);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const start = headEnd + HEAD_END.length;
    if (status === '200' && length !== undefined) return { start, end: start + Number(length) };
    const [statusLine = ''] = head.split('\r\n', 1);
    this.#fail(
      status === '200'
        ? { code: 'protocol', cause: 'content-length' }
        : { code: 'http-status', status: Number(status), text: statusLine.slice(13) },
    );
    return undefined;
  }

  #answer(body: Buffer, receivedNs: number): void {
    this.#inFlight = false;
    const messages = this.#deliver(body, receivedNs);
    if (this.#closed) return;
    if (messages === 0) this.#reader.startOfFeed();
    this.#events.answered(messages, receivedNs);
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    if (!this.#closed) this.#pace.answered();
  }

  /** The body is a JSON array with one entry a line; see http-answer.ts. Returns how many messages were in it. */
  #deliver(body: Buffer, receivedNs: number): number {
    if (body[0] !== ARRAY_START || body.at(-1) !== ARRAY_END) {
      this.#events.foreign(body);
      return 0;
    }
    let messages = 0;
    let start = 1;
    while (start < body.length - 1 && !this.#closed) {
      const lineFeed = body.indexOf(LINE_FEED, start);
      const end = lineFeed < 0 ? body.length - 1 : lineFeed - 1;
      if (this.#reader.accept(body.subarray(start, end), receivedNs)) messages += 1;
      start = end + 2;
    }
    return messages;
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
