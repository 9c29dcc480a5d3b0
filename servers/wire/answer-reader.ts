import type { ProtocolCause } from '../../scenarios/session-end.ts';
import { type AnswerHead, findHead } from './answer-head.ts';
import { ChunkReader } from './chunk-reader.ts';
import { PendingBytes } from './pending-bytes.ts';

export interface AnswerEvents {
  /** The head of an answer; those that come before the last one (100, 103) are left out. */
  head(head: AnswerHead): void;
  /** A part of the body, good during the call; `isLast` where it is known that no other follows. */
  body(bytes: Buffer, isLast: boolean): void;
  /** The answer is whole; `isReusable` where another request may follow on the connection. */
  end(isReusable: boolean): void;
  /** The server broke the protocol; nothing more is read. */
  violation(cause: ProtocolCause): void;
}

/** What comes next on the connection; in `length` so many bytes of the body are to come. */
type Awaited =
  | { readonly kind: 'nothing' | 'head' | 'close' | 'ended' }
  | { readonly kind: 'length'; bytesLeft: number }
  | { readonly kind: 'chunks'; readonly chunks: ChunkReader };

const NOTHING: Awaited = { kind: 'nothing' };
const HEAD: Awaited = { kind: 'head' };
const CLOSE: Awaited = { kind: 'close' };
const ENDED: Awaited = { kind: 'ended' };

/** Reads the answers of one HTTP/1.1 connection from chunks as they come (RFC 9112, sections 6 and 7). */
export class AnswerReader {
  readonly #events: AnswerEvents;
  readonly #pending = new PendingBytes();
  #awaited: Awaited = NOTHING;
  #method = 'GET';
  #isReusable = true;
  #hasBegun = false;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  /** Whether a byte of the answer that is awaited has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** A request with that method was sent. */
  expect(method: string): void {
    if (this.#awaited.kind !== 'nothing') throw new Error('an answer is still awaited');
    this.#awaited = HEAD;
    this.#method = method;
    this.#hasBegun = false;
  }

  read(chunk: Buffer): void {
    this.#hasBegun = true;
    const data = this.#pending.join(chunk);
    let position = 0;
    while (position < data.length) {
      const taken = this.#take(position === 0 ? data : data.subarray(position));
      if (taken === 0) break;
      position += taken;
    }
    this.#pending.keep(data, this.#awaited === ENDED ? data.length : position);
  }

  /** The server closed the connection; true where that was the end of an answer, which has been told. */
  close(): boolean {
    if (this.#awaited !== CLOSE) return false;
    this.#finish(0);
    return true;
  }

  /** How many bytes of `data` were taken; 0 where more have to come first, or none will be read any more. */
  #take(data: Buffer): number {
    const awaited = this.#awaited;
    switch (awaited.kind) {
      case 'head':
        return this.#takeHead(data);
      case 'length':
        return this.#takeLength(awaited, data);
      case 'chunks':
        return this.#takeChunks(awaited.chunks, data);
      case 'close':
        this.#events.body(data, false);
        return data.length;
      case 'nothing':
        return this.#violate('unasked-answer');
      case 'ended':
        return 0;
      default:
        return awaited satisfies never;
    }
  }

  #takeHead(data: Buffer): number {
    const found = findHead(data);
    if (found.kind === 'unfinished') return 0;
    if (found.kind === 'wrong') return this.#violate(found.cause);
    const { head, end } = found;
    if (head.status === 101) return this.#violate('switched-protocols');
    if (head.status < 200) return end;
    this.#isReusable = head.isPersistent;
    const { framing } = head;
    if (this.#method === 'HEAD' || (framing.kind === 'length' && framing.bytes === 0)) {
      this.#events.head(head);
      this.#finish(data.length - end);
      return end;
    }
    if (framing.kind === 'wrong') return this.#violate(framing.cause);
    this.#awaited = this.#awaitBody(framing);
    this.#events.head(head);
    return end;
  }

  #awaitBody(framing: Exclude<AnswerHead['framing'], { kind: 'wrong' }>): Awaited {
    switch (framing.kind) {
      case 'length':
        return { kind: 'length', bytesLeft: framing.bytes };
      case 'chunks':
        return { kind: 'chunks', chunks: new ChunkReader((bytes) => this.#events.body(bytes, false)) };
      case 'close':
        return CLOSE;
      default:
        return framing satisfies never;
    }
  }

  #takeLength(awaited: { bytesLeft: number }, data: Buffer): number {
    const taken = Math.min(awaited.bytesLeft, data.length);
    awaited.bytesLeft -= taken;
    this.#events.body(taken === data.length ? data : data.subarray(0, taken), awaited.bytesLeft === 0);
    if (awaited.bytesLeft === 0) this.#finish(data.length - taken);
    return taken;
  }

  #takeChunks(chunks: ChunkReader, data: Buffer): number {
    const taken = chunks.read(data);
    if (chunks.state === 'wrong') return this.#violate('chunk');
    if (chunks.state === 'whole') this.#finish(data.length - taken);
    return taken;
  }

  /** Of what has come, `rest` bytes lie behind the answer. */
  #finish(rest: number): void {
    if (this.#awaited === ENDED) return;
    if (rest > 0) {
      this.#violate('unasked-answer');
      return;
    }
    this.#awaited = NOTHING;
    this.#events.end(this.#isReusable);
  }

  #violate(cause: ProtocolCause): 0 {
    this.#awaited = ENDED;
    this.#events.violation(cause);
    return 0;
  }
}
