import type { Socket } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import type { AnswerHead } from './answer-head.ts';
import { AnswerReader } from './answer-reader.ts';
import { openClientSocket, type ServerPlace } from './client-socket.ts';

interface HttpEvents {
  head(head: AnswerHead): void;
  /** A part of the body, good during the call; `isLast` where it is known that no other follows. */
  body(bytes: Buffer, isLast: boolean, receivedNs: number): void;
  /** The answer is whole, and another request may be sent. */
  answered(receivedNs: number): void;
  /** The server had ended the connection as it may, and the request goes over another. */
  reopened(): void;
  /** No answer will come. Once, and nothing comes after it. */
  ended(end: SessionEnd): void;
}

interface Request {
  readonly method: string;
  readonly bytes: string;
  /** Whether it does no harm twice. */
  readonly mayRepeat: boolean;
}

/** One TCP connection with the answers that come over it. */
interface Line {
  readonly socket: Socket;
  /** What counts the bytes that cross. */
  readonly wire: Socket;
  readonly answers: AnswerReader;
  /** Whether an answer has come over it: then the server may close it at any moment (RFC 9112, section 9.3). */
  isUsed: boolean;
}

/**
 * HTTP/1.1 with one server, one request after the other, straight on the socket: the hot path of the polling clients. A
 * connection is kept as long as the server keeps it; after `Connection: close`, the last request that a server takes, or an
 * idle time that was too long, the next request opens another. What the answers mean is for its owner to know.
 */
export class HttpConnection {
  readonly #address: ServerPlace;
  readonly #events: HttpEvents;
  #line: Line | undefined;
  #request: Request | undefined;
  #hadLine = false;
  #closed = false;
  #receivedNs = 0;
  #bytesRead = 0;
  #bytesWrittenBefore = 0;

  constructor(address: ServerPlace, events: HttpEvents) {
    this.#address = address;
    this.#events = events;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWrittenBefore + (this.#line?.wire.bytesWritten ?? 0);
  }

  /** Whether it holds a TCP connection, or is about to. */
  get isConnected(): boolean {
    return !this.#closed && this.#line !== undefined;
  }

  /** Whether an answer is still awaited. */
  get isAsking(): boolean {
    return this.#request !== undefined;
  }

  /** Sends a whole request, its body too, which may be sent twice unless `mayRepeat` is false. One at a time. */
  ask(bytes: string, method = 'GET', mayRepeat = true): void {
    if (this.#request !== undefined || this.#closed)
      throw new Error('a request is under way, or the connection closed');
    this.#send({ bytes, method, mayRepeat });
  }

  /**
   * Gives up a request of whose answer nothing has come, and with it the TCP connection; the next request opens another.
   * False where there is none: of an answer that has begun the rest is on its way.
   */
  giveUp(): boolean {
    const line = this.#line;
    if (this.#closed || line === undefined || this.#request === undefined || line.answers.hasBegun) return false;
    this.#request = undefined;
    this.#let(line);
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#line?.socket.destroy();
  }

  /** Closes behind a last request, for whose answer nobody waits. */
  closeWith(bytes: string): void {
    if (this.#closed) return;
    this.#line ??= this.#open();
    const { socket } = this.#line;
    this.#closed = true;
    socket.write(bytes);
    socket.destroySoon();
  }

  #send(request: Request): void {
    this.#request = request;
    this.#line ??= this.#open();
    this.#line.answers.expect(request.method);
    this.#line.socket.write(request.bytes);
  }

  #open(): Line {
    const isFirst = !this.#hadLine;
    this.#hadLine = true;
    const answers = new AnswerReader({
      head: (head) => this.#events.head(head),
      body: (bytes, isLast) => {
        if (!this.#closed) this.#events.body(bytes, isLast, this.#receivedNs);
      },
      end: (isReusable) => this.#answered(line, isReusable),
      violation: (cause) => this.#end({ code: 'protocol', cause }),
    });
    const { socket, wire } = openClientSocket(this.#address, {
      connected: () => {
        if (!isFirst && !this.#closed && this.#line === line) this.#events.reopened();
      },
      readable: (bytes, carried) => {
        if (this.#closed || this.#line !== line) return;
        this.#receivedNs = monotonicNs();
        answers.read(bytes);
        this.#bytesRead += carried;
      },
      ended: (end) => this.#lineEnded(line, end),
    });
    const line: Line = { socket, wire, answers, isUsed: false };
    return line;
  }

  #answered(line: Line, isReusable: boolean): void {
    if (this.#closed) return;
    line.isUsed = true;
    this.#request = undefined;
    if (!isReusable) this.#let(line);
    this.#events.answered(this.#receivedNs);
  }

  #lineEnded(line: Line, end: SessionEnd): void {
    if (this.#line !== line || this.#closed) return;
    this.#receivedNs = monotonicNs();
    // A body that ends with its connection is whole only where the server closed it.
    if (end.code === 'connection-closed' && line.answers.close()) return;
    this.#let(line);
    const request = this.#request;
    if (request === undefined) return;
    // The server closed while the request was on its way: what does no harm twice may be sent again (RFC 9112, section
    // 9.3.1), over a new connection, on which no answer has come before: so once.
    if (request.mayRepeat && line.isUsed && !line.answers.hasBegun) this.#send(request);
    else this.#end(end);
  }

  #let(line: Line): void {
    this.#bytesWrittenBefore += line.wire.bytesWritten;
    this.#line = undefined;
    line.socket.destroySoon();
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}
