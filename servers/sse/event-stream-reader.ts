import type { ProtocolCause } from '../../scenarios/session-end.ts';
import { PendingBytes } from '../wire/pending-bytes.ts';
import { EventId } from './event-id.ts';

export interface EventStreamEvents {
  /** `data` is only good during the call; `type` is `message` where the stream names none. */
  event(data: Buffer, type: string): void;
  /** How long to wait before the next connection, in milliseconds. */
  retry(retryMs: number): void;
  /** The stream cannot be read; nothing more is. */
  violation(cause: ProtocolCause): void;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
/** `data`, as a big-endian integer: one comparison is cheaper than four. */
const DATA = 0x64617461;
const DATA_BYTES = 4;
const SMALL_I = 0x69;
const SMALL_D = 0x64;
const ID_BYTES = 2;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const LINE_FEED_BYTES = Buffer.from('\n');
const NOTHING = Buffer.alloc(0);
/** So many bytes are looked at one by one: an id and an empty line are shorter than a call of indexOf is worth. */
const SHORT_LINE_BYTES = 16;
const MOST_EVENT_BYTES = 64 * 1024 * 1024;
const DIGITS = /^\d{1,15}$/;

/**
 * Reads an event stream (HTML Standard, section "Server-sent events", "Interpreting an event stream") from chunks as they
 * come. Bytes stay bytes: data that lies whole in a chunk is handed on as a view of it, and it is not looked at whether it
 * is UTF-8.
 */
export class EventStreamReader {
  readonly #events: EventStreamEvents;
  /** The beginning of a line, of which so many bytes hold no end. */
  readonly #pending = new PendingBytes();
  #searched = 0;
  /** The lines of data of an event that is not whole, but the first of them only where it is not a view. */
  readonly #data = new PendingBytes();
  #firstLine: Buffer | undefined;
  #hasData = false;
  #type = '';
  readonly #id = new EventId();
  #state: 'at-start' | 'open' | 'after-carriage-return' | 'ended' = 'at-start';
  /** The next of each in what is read, or how long that is. */
  #nextFeed = 0;
  #nextReturn = 0;

  constructor(events: EventStreamEvents) {
    this.#events = events;
  }

  /** What a client says when it comes back. */
  get lastEventId(): string {
    return this.#id.last;
  }

  read(chunk: Buffer): void {
    if (this.#state === 'ended' || chunk.length === 0) return;
    const bytes = this.#pending.join(chunk);
    let line = this.#begin(bytes);
    this.#nextFeed = -1;
    this.#nextReturn = -1;
    let end = this.#lineEnd(bytes, line + this.#searched);
    while (end < bytes.length) {
      this.#line(bytes, line, end);
      line = this.#nextLine(bytes, end);
      end = this.#lineEnd(bytes, line);
    }
    this.#keep(bytes, line);
  }

  /** Where the first line begins: behind a byte order mark, and behind the second half of a line end. */
  #begin(bytes: Buffer): number {
    const state = this.#state;
    if (state === 'open') return 0;
    if (state === 'after-carriage-return') {
      this.#state = 'open';
      return bytes[0] === LINE_FEED ? 1 : 0;
    }
    const start = bytes.subarray(0, BYTE_ORDER_MARK.length);
    // Its first bytes may be all there is yet; they are a line that has not ended.
    if (start.length < BYTE_ORDER_MARK.length && BYTE_ORDER_MARK.subarray(0, start.length).equals(start)) return 0;
    this.#state = 'open';
    if (!start.equals(BYTE_ORDER_MARK)) return 0;
    this.#searched = 0;
    return BYTE_ORDER_MARK.length;
  }

  /** The next line feed or carriage return; the length of `bytes` where there is none. */
  #lineEnd(bytes: Buffer, start: number): number {
    const short = Math.min(start + SHORT_LINE_BYTES, bytes.length);
    for (let position = start; position < short; position++) {
      const byte = bytes[position];
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return position;
    }
    if (short === bytes.length) return short;
    if (this.#nextFeed < short) this.#nextFeed = indexOf(bytes, LINE_FEED, short);
    if (this.#nextReturn < short) this.#nextReturn = indexOf(bytes, CARRIAGE_RETURN, short);
    return Math.min(this.#nextFeed, this.#nextReturn);
  }

  #nextLine(bytes: Buffer, end: number): number {
    if (bytes[end] === LINE_FEED) return end + 1;
    // A line feed may follow in the next chunk; the line has ended all the same.
    if (end + 1 === bytes.length) this.#state = 'after-carriage-return';
    return bytes[end + 1] === LINE_FEED ? end + 2 : end + 1;
  }

  #line(bytes: Buffer, start: number, end: number): void {
    if (start === end) this.#dispatch();
    else if (isField(bytes, start + DATA_BYTES, end) && bytes.readUInt32BE(start) === DATA) {
      this.#takeData(bytes.subarray(valueStart(bytes, start + DATA_BYTES, end), end));
    } else if (isField(bytes, start + ID_BYTES, end) && bytes[start] === SMALL_I && bytes[start + 1] === SMALL_D) {
      this.#id.take(bytes, valueStart(bytes, start + ID_BYTES, end), end);
    } else if (bytes[start] !== COLON) this.#rareLine(bytes.toString('utf8', start, end));
    // What begins with a colon is a comment.
  }

  #rareLine(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'retry' && DIGITS.test(value)) this.#events.retry(Number(value));
    // Other names are left out.
  }

  #takeData(value: Buffer): void {
    if (!this.#hasData) this.#firstLine = value;
    else {
      this.#ownFirstLine();
      this.#append(LINE_FEED_BYTES);
      this.#append(value);
    }
    this.#hasData = true;
  }

  #dispatch(): void {
    this.#id.dispatch();
    const type = this.#type === '' ? 'message' : this.#type;
    this.#type = '';
    if (!this.#hasData) return;
    this.#hasData = false;
    const data = this.#firstLine ?? this.#data.join(NOTHING);
    this.#firstLine = undefined;
    this.#events.event(data, type);
    if (this.#data.length > 0) this.#data.keep(data, data.length);
  }

  /** Keeps what is to be read again, and what a view of `bytes` would lose. */
  #keep(bytes: Buffer, line: number): void {
    this.#ownFirstLine();
    this.#searched = bytes.length - line;
    const isTooLarge = this.#searched + this.#data.length > MOST_EVENT_BYTES;
    this.#pending.keep(bytes, isTooLarge ? bytes.length : line);
    if (!isTooLarge) return;
    this.#state = 'ended';
    this.#events.violation('large-message');
  }

  #ownFirstLine(): void {
    if (this.#firstLine === undefined) return;
    this.#append(this.#firstLine);
    this.#firstLine = undefined;
  }

  #append(bytes: Buffer): void {
    this.#data.keep(this.#data.join(bytes), 0);
  }
}

function indexOf(bytes: Buffer, byte: number, start: number): number {
  const position = bytes.indexOf(byte, start);
  return position < 0 ? bytes.length : position;
}

/** Whether a name may end at `nameEnd`: with its colon, or with its line. */
function isField(bytes: Buffer, nameEnd: number, end: number): boolean {
  return nameEnd === end || (nameEnd < end && bytes[nameEnd] === COLON);
}

/** Behind the colon and one space. */
function valueStart(bytes: Buffer, nameEnd: number, end: number): number {
  if (nameEnd === end) return end;
  return bytes[nameEnd + 1] === SPACE && nameEnd + 1 < end ? nameEnd + 2 : nameEnd + 1;
}
