import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { type ProtocolCause, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { type AnswerHead, findHead, hasToken } from './answer-head.ts';
import { DEFLATE_OFFER, type DeflateAgreement, readAgreement } from '../compression/permessage-deflate.ts';
import { openClientSocket, type ServerPlace } from './client-socket.ts';
import { FrameReader, maskedClose, maskedFrame, OPCODE } from './frames.ts';
import { PendingBytes } from './pending-bytes.ts';

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const EXTENSIONS_LINE = /^sec-websocket-extensions:/i;
const NORMAL_CLOSURE = 1000;
const PROTOCOL_ERROR = 1002;
/** Where a violation has a code of its own (RFC 6455, section 7.4.1); too many fragments as the ws library has it. */
const CLOSE_CODES: Partial<Record<ProtocolCause, number>> = {
  'frame-kind': 1003,
  utf8: 1007,
  deflate: 1007,
  fragments: 1008,
  'large-message': 1009,
};
/** How long a server may take to close after it was told to. */
const CLOSE_MS = 2000;
/** Pongs that a server does not read are not piled up: it needs the newest one alone (section 5.5.3). */
const MOST_UNSENT_BYTES = 16 * 1024;

interface Upgrade extends ServerPlace {
  readonly path: string;
  /** The one that is offered, and must be chosen; absent, there is none. */
  readonly subprotocol?: string;
  /** Whether what the server sends must be compressed by permessage-deflate (RFC 7692), or must not. */
  readonly deflate?: boolean;
  /** Header lines besides those that the protocol needs; an offer of extensions among them is not repeated. */
  readonly headers: readonly string[];
}

interface WebSocketEvents {
  opened(): void;
  /** `bytes` are only good during the call. */
  message(bytes: Buffer, receivedNs: number, isText: boolean): void;
  /** Ended without `close()`. Once, and nothing comes after it. */
  ended(end: SessionEnd): void;
}

/**
 * A WebSocket client (RFC 6455) straight on the socket, the hot path of the generator: handshake, frames, and the end as the
 * protocol has it. What the messages mean is for its owner to know.
 */
export class WebSocketConnection {
  readonly #socket: Socket;
  /** What counts the bytes that cross. */
  readonly #wire: Socket;
  readonly #events: WebSocketEvents;
  readonly #upgrade: Upgrade;
  readonly #key = randomBytes(16).toString('base64');
  readonly #head = new PendingBytes();
  /** There once the connection is open. */
  #frames: FrameReader | undefined;
  #receivedNs = 0;
  #bytesRead = 0;
  #closed = false;

  constructor(upgrade: Upgrade, events: WebSocketEvents) {
    this.#events = events;
    this.#upgrade = upgrade;
    const { socket, wire } = openClientSocket(upgrade, {
      connected: () => this.#socket.write(this.#request()),
      readable: (bytes, carried) => this.#read(bytes, carried),
      ended: (end) => this.#end(end),
    });
    this.#socket = socket;
    this.#wire = wire;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#wire.bytesWritten;
  }

  /** In a frame of that kind, once the connection is open; whoever says something after its end says it to nobody. */
  send(text: string, frames: ValueOf<'frames'> = 'text'): void {
    if (this.#closed) return;
    if (this.#frames === undefined) throw new Error('nothing can be said before the connection is open');
    this.#socket.write(maskedFrame(OPCODE[frames], Buffer.from(text)));
  }

  /** Says goodbye but does not wait for the answer: a server that hangs must not keep its clients. */
  close(): void {
    if (!this.#closed && this.#frames !== undefined) this.#socket.write(maskedClose(NORMAL_CLOSURE));
    this.#closed = true;
    this.#frames?.end();
    this.#socket.destroySoon();
  }

  /** Ends the connection because of what was in a message. */
  refuse(cause: ProtocolCause): void {
    if (this.#closed) return;
    this.#part(CLOSE_CODES[cause] ?? PROTOCOL_ERROR);
    this.#end(broken(cause));
  }

  #request(): string {
    const { host, port, path, subprotocol, deflate = false, headers } = this.#upgrade;
    const offersNothing = !headers.some((line) => EXTENSIONS_LINE.test(line));
    return [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${this.#key}`,
      'Sec-WebSocket-Version: 13',
      ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
      ...(deflate && offersNothing ? [`Sec-WebSocket-Extensions: ${DEFLATE_OFFER}`] : []),
      ...headers,
      '',
      '',
    ].join('\r\n');
  }

  #read(bytes: Buffer, carried: number): void {
    if (this.#closed) return;
    this.#receivedNs = monotonicNs();
    if (this.#frames === undefined) this.#readHeads(bytes);
    else this.#frames.read(bytes);
    this.#bytesRead += carried;
  }

  /** Any number of answers may come before the last one, as 103 does (RFC 9110, section 15.2). */
  #readHeads(bytes: Buffer): void {
    const data = this.#head.join(bytes);
    let position = 0;
    for (;;) {
      const found = findHead(data.subarray(position));
      if (found.kind === 'unfinished') break;
      if (found.kind === 'wrong') {
        this.#drop({ code: 'protocol', cause: found.cause });
        return;
      }
      position += found.end;
      if (found.head.status >= 200 || found.head.status === 101) {
        this.#readAnswer(found.head, data.subarray(position));
        return;
      }
    }
    this.#head.keep(data, position);
  }

  #readAnswer(head: AnswerHead, rest: Buffer): void {
    this.#head.keep(rest, rest.length);
    const agreement = readAgreement(head.fields.get('sec-websocket-extensions') ?? '');
    const problem = this.#problemOf(head, agreement);
    if (problem !== undefined) {
      this.#drop(problem);
      return;
    }
    this.#frames = this.#openFrames(agreement);
    this.#events.opened();
    this.#frames.read(rest);
  }

  #openFrames(agreement: DeflateAgreement | undefined): FrameReader {
    return new FrameReader(
      {
        message: (bytes, isText) => this.#events.message(bytes, this.#receivedNs, isText),
        ping: (bytes) => this.#pong(bytes),
        close: (code, reason) => this.#answerClose(code, reason),
        violation: (cause) => this.refuse(cause),
      },
      agreement,
    );
  }

  /** What RFC 6455, section 4.1, makes a client check. */
  #problemOf({ status, reason, fields }: AnswerHead, agreement: DeflateAgreement | undefined): SessionEnd | undefined {
    if (status !== 101) return statusEnd(status, reason);
    if (fields.get('upgrade')?.toLowerCase() !== 'websocket') return broken('upgrade');
    if (!hasToken(fields, 'connection', 'upgrade')) return broken('connection');
    const accept = createHash('sha1').update(`${this.#key}${HANDSHAKE_GUID}`).digest('base64');
    if (fields.get('sec-websocket-accept') !== accept) return broken('accept');
    // Either is another thing than was to be measured.
    const { deflate = false, subprotocol } = this.#upgrade;
    const isDeflated = fields.has('sec-websocket-extensions');
    if (isDeflated !== deflate || isDeflated !== (agreement !== undefined)) return broken('extension');
    return fields.get('sec-websocket-protocol') === subprotocol ? undefined : broken('subprotocol');
  }

  #pong(bytes: Buffer): void {
    if (this.#closed || this.#socket.writableLength > MOST_UNSENT_BYTES) return;
    this.#socket.write(maskedFrame(OPCODE.pong, bytes));
  }

  /** The server's close is answered with its code (section 5.5.1); it closes the connection then. */
  #answerClose(code: number, reason: string): void {
    if (this.#closed) return;
    this.#part(code);
    this.#end({ code: 'websocket-close', closeCode: code, ...(reason === '' ? {} : { text: reason }) });
  }

  /** Waits for the server to close, because bytes that are still on their way would make the kernel cut the connection. */
  #part(code: number): void {
    this.#socket.end(maskedClose(code));
    const patience = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
    this.#socket.once('close', () => clearTimeout(patience));
  }

  /** A handshake that failed has no close frame. */
  #drop(end: SessionEnd): void {
    this.#socket.destroy();
    this.#end(end);
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames?.end();
    this.#events.ended(end);
  }
}

function broken(cause: ProtocolCause): SessionEnd {
  return { code: 'protocol', cause };
}
