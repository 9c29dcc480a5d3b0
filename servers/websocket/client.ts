import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { ProtocolCause, SessionEnd } from '../../scenarios/session-end.ts';
import { openClientSocket } from '../wire/client-socket.ts';
import { FeedReader } from '../wire/feed-reader.ts';
import type { OpenSession, Session, SessionEvents, SessionOptions } from '../transport.ts';
import { FrameReader, maskedFrame, OPCODE } from '../wire/frames.ts';

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_END = '\r\n\r\n';
const MOST_HEAD_BYTES = 64 * 1024;
const NORMAL_CLOSURE = Buffer.from([0x03, 0xe8]);

/** A WebSocket client (RFC 6455) that only listens, straight on the socket: the hot path of the generator. */
class WebSocketSession implements Session {
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #frames: FrameReader;
  readonly #key = randomBytes(16).toString('base64');
  #head: Buffer | undefined = Buffer.alloc(0);
  #receivedNs = 0;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#frames = new FrameReader({
      message: (bytes) => {
        if (!this.#closed) this.#reader.accept(bytes, this.#receivedNs);
      },
      ping: (bytes) => this.#socket.write(maskedFrame(OPCODE.pong, bytes)),
      close: (code, reason) =>
        this.#fail({ code: 'websocket-close', closeCode: code, ...(reason === '' ? {} : { text: reason }) }),
      violation: (cause) => this.#fail({ code: 'protocol', cause }),
    });
    this.#socket = openClientSocket(options, {
      connected: () => this.#socket.write(this.#handshake(options)),
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

  /** Says goodbye but does not wait for the answer: a server that hangs must not keep its clients. */
  close(): void {
    if (!this.#closed && this.#head === undefined) this.#socket.write(maskedFrame(OPCODE.close, NORMAL_CLOSURE));
    this.#closed = true;
    this.#socket.destroySoon();
  }

  #handshake({ host, port, headers, position }: SessionOptions): string {
    return [
      `GET /ws?since=${position.kind === 'after' ? position.seq : 0} HTTP/1.1`,
      `Host: ${host}:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${this.#key}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: json',
      ...headers.upgrade(`${host}:${port}`),
      '',
      '',
    ].join('\r\n');
  }

  #read(bytes: Buffer): void {
    if (this.#closed) return;
    this.#receivedNs = monotonicNs();
    if (this.#head === undefined) this.#frames.read(bytes);
    else this.#readHead(Buffer.concat([this.#head, bytes]));
  }

  #readHead(head: Buffer): void {
    const end = head.indexOf(HEAD_END);
    if (end < 0) {
      this.#head = head;
      if (head.length > MOST_HEAD_BYTES) this.#fail({ code: 'protocol', cause: 'endless-head' });
      return;
    }
    const problem = this.#handshakeProblem(head.toString('latin1', 0, end));
    if (problem !== undefined) {
      this.#fail(problem);
      return;
    }
    this.#head = undefined;
    this.#events.opened();
    if (!this.#closed) this.#frames.read(head.subarray(end + HEAD_END.length));
  }

  /** What RFC 6455, section 4.1, makes a client check. */
  #handshakeProblem(head: string): SessionEnd | undefined {
    const [statusLine = ''] = head.split('\r\n', 1);
    if (!statusLine.startsWith('HTTP/1.1 101')) {
      return { code: 'http-status', status: Number(statusLine.slice(9, 12)), text: statusLine.slice(13) };
    }
    if (!/\r\nupgrade: *websocket *(\r\n|$)/i.test(head)) return broken('upgrade');
    if (!/\r\nconnection:[^\r]*\bupgrade\b/i.test(head)) return broken('connection');
    const accept = createHash('sha1').update(`${this.#key}${HANDSHAKE_GUID}`).digest('base64');
    if (/\r\nsec-websocket-accept: *(\S+)/i.exec(head)?.[1] !== accept) return broken('accept');
    const subprotocol = /\r\nsec-websocket-protocol: *(\S+)/i.exec(head)?.[1];
    return subprotocol === 'json' ? undefined : broken('subprotocol');
  }

  #fail(end: SessionEnd): void {
    this.#lost(end);
    this.#socket.destroy();
  }

  #lost(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.lost(end);
  }
}

function broken(cause: ProtocolCause): SessionEnd {
  return { code: 'protocol', cause };
}

export const openSession: OpenSession = (options, events) => new WebSocketSession(options, events);
