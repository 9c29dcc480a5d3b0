import type { SessionEnd } from '../../scenarios/session-end.ts';
import { acceptingGzip } from '../compression/accept-encoding.ts';
import type { SessionOptions } from '../transport.ts';
import { AnswerBody } from '../wire/answer-body.ts';
import { HttpConnection } from '../wire/http-connection.ts';
import type { MemberRequest } from '../hub/member-request.ts';
import type { Handshake } from './conversation.ts';
import { handshakePath, sessionPath } from './path.ts';

/** Between the packets of a body, in both directions. */
const SEPARATOR = 0x1e;
/** Before a binary packet, which is in base64 then. */
const BINARY = 0x62;

export interface PollEvents {
  /** Both return whether it was a message of the feed; `bytes` are only good during the call. */
  text(bytes: Buffer, receivedNs: number): boolean;
  binary(bytes: Buffer, receivedNs: number): boolean;
  /** An answer with that many messages; the next poll is not under way yet. */
  answered(messages: number, receivedNs: number): void;
  reopened(): void;
  /** Nothing is under way, as `pause` asked for; `unsaid` is what had to wait. */
  paused(unsaid: readonly string[]): void;
  ended(end: SessionEnd): void;
}

/**
 * Engine.IO by polling: GETs that the server holds, one after the other, and POSTs for what the client says, one after the other.
 * Each kind has a connection of its own, as in a browser, because a POST cannot wait for the end of a GET.
 */
export class Polls {
  readonly #options: SessionOptions;
  readonly #events: PollEvents;
  readonly #gets: HttpConnection;
  readonly #posts: HttpConnection;
  readonly #getTail: string;
  readonly #postTail: string;
  readonly #body: AnswerBody;
  readonly #unsaid: string[] = [];
  #path: string;
  #mostBodyBytes = Number.POSITIVE_INFINITY;
  #state: 'polling' | 'pausing' | 'closed' = 'polling';
  /** In the answer that is being read; undefined where none is. */
  #messages: number | undefined;

  constructor(options: SessionOptions, request: MemberRequest, events: PollEvents) {
    const host = `${options.host}:${options.port}`;
    const readsGzip = options.values.compression === 'gzip';
    const xhr = request.headers(options.headers.xhr(host));
    const get = readsGzip ? acceptingGzip(xhr) : xhr;
    const always = [' HTTP/1.1', `Host: ${host}`, 'Connection: keep-alive'];
    this.#options = options;
    this.#events = events;
    this.#getTail = [...always, ...get, '', ''].join('\r\n');
    this.#postTail = [...always, ...request.headers(options.headers.xhrPost(host)), 'Content-Length: '].join('\r\n');
    this.#path = handshakePath('polling', options, request);
    this.#body = new AnswerBody(readsGzip);
    this.#gets = this.#connect(this.#body, (receivedNs) => this.#answer(receivedNs));
    this.#posts = this.#connect(new AnswerBody(readsGzip), () => this.#goOn());
    this.#poll();
  }

  get bytesRead(): number {
    return this.#gets.bytesRead + this.#posts.bytesRead;
  }

  get bytesWritten(): number {
    return this.#gets.bytesWritten + this.#posts.bytesWritten;
  }

  /** TCP connections that are there, or on their way. */
  get connections(): number {
    return Number(this.#gets.isConnected) + Number(this.#posts.isConnected);
  }

  /** The next requests are of the session that the handshake opened. */
  begin({ sid, maxPayload }: Handshake): void {
    this.#path = sessionPath('polling', sid);
    if (maxPayload !== undefined) this.#mostBodyBytes = maxPayload;
  }

  say(packet: string): void {
    this.#unsaid.push(packet);
    this.#post();
  }

  /** What is under way comes to its end, and nothing else is asked or said. */
  pause(): void {
    if (this.#state === 'polling') this.#state = 'pausing';
    this.#rest();
  }

  /** `isLost`: the session ended by itself, and what came with its end is told. */
  close(isLost: boolean): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#gets.close();
    this.#posts.close();
    if (isLost && this.#messages !== undefined) this.#events.answered(this.#messages, this.#receivedNs);
  }

  #receivedNs = 0;

  #connect(body: AnswerBody, answered: (receivedNs: number) => void): HttpConnection {
    return new HttpConnection(this.#options, {
      head: (head) => this.#check(body.begin(head)),
      body: (bytes, isLast) => this.#check(body.take(bytes, isLast)),
      answered,
      reopened: () => this.#events.reopened(),
      ended: (end) => this.#events.ended(end),
    });
  }

  #check(end: SessionEnd | undefined): void {
    if (end !== undefined && this.#state !== 'closed') this.#events.ended(end);
  }

  #poll(): void {
    if (this.#state === 'polling' && !this.#gets.isAsking) this.#gets.ask(`GET ${this.#path}${this.#getTail}`);
  }

  /** The server must never have two POSTs of a client: what is said meanwhile waits. */
  #post(): void {
    if (this.#state !== 'polling' || this.#posts.isAsking || this.#unsaid.length === 0) return;
    const body = this.#takeUnsaid();
    this.#posts.ask(`POST ${this.#path}${this.#postTail}${Buffer.byteLength(body)}\r\n\r\n${body}`, 'POST');
  }

  /** As many packets as a body may hold, but one at least. */
  #takeUnsaid(): string {
    let count = 0;
    let bytes = -1;
    for (const packet of this.#unsaid) {
      bytes += 1 + Buffer.byteLength(packet);
      if (count > 0 && bytes > this.#mostBodyBytes) break;
      count += 1;
    }
    return this.#unsaid.splice(0, count).join(String.fromCharCode(SEPARATOR));
  }

  #answer(receivedNs: number): void {
    const body = this.#body.whole();
    if ('code' in body) {
      this.#check(body);
      return;
    }
    this.#receivedNs = receivedNs;
    this.#messages = 0;
    this.#take(body);
    this.#body.clear();
    if (this.#state !== 'closed') this.#events.answered(this.#messages, receivedNs);
    this.#messages = undefined;
    this.#goOn();
  }

  #take(body: Buffer): void {
    let start = 0;
    while (start <= body.length && this.#state !== 'closed') {
      const separator = body.indexOf(SEPARATOR, start);
      const end = separator < 0 ? body.length : separator;
      if (this.#takePacket(body.subarray(start, end))) this.#messages = (this.#messages ?? 0) + 1;
      start = end + 1;
    }
  }

  #takePacket(packet: Buffer): boolean {
    if (packet[0] !== BINARY) return this.#events.text(packet, this.#receivedNs);
    return this.#events.binary(Buffer.from(packet.toString('latin1', 1), 'base64'), this.#receivedNs);
  }

  #goOn(): void {
    this.#post();
    this.#poll();
    this.#rest();
  }

  #rest(): void {
    if (this.#state !== 'pausing' || this.#gets.isAsking || this.#posts.isAsking) return;
    this.close(false);
    this.#events.paused(this.#unsaid);
  }
}
