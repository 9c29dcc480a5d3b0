import { isUtf8 } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import type { ProtocolCause } from '../../scenarios/session-end.ts';
import type { NotInflated } from '../compression/inflation.ts';
import { type DeflateAgreement, MessageInflater } from '../compression/permessage-deflate.ts';
import { PendingBytes } from './pending-bytes.ts';

/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface FrameEvents {
  /** A whole message, its fragments joined and inflated; `bytes` are only good during the call. */
  message(bytes: Buffer, isText: boolean): void;
  ping(bytes: Buffer): void;
  /** `code` is 1005 where the frame carried none (section 7.1.5). */
  close(code: number, reason: string): void;
  /** The server broke the protocol; nothing more is read. */
  violation(cause: ProtocolCause): void;
}

const FINAL = 0x80;
const RESERVED = 0x70;
/** The first reserved bit: a message that is deflated, in its first frame (RFC 7692, section 6). */
const DEFLATED = 0x40;
const MASKED = 0x80;
const NO_STATUS = 1005;
const MOST_CONTROL_BYTES = 125;
const MOST_MESSAGE_BYTES = 64 * 1024 * 1024;
/** As many as the ws library takes; without a bound a server could send empty ones for ever. */
const MOST_FRAGMENTS = 16 * 1024;
/** Bytes of the extended length, by the value of the short one. */
const EXTENDED_LENGTH_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

const NOT_INFLATED = { malformed: 'deflate', 'too-large': 'large-message' } as const satisfies Record<
  NotInflated,
  ProtocolCause
>;

interface FrameHead {
  readonly opcode: number;
  readonly final: boolean;
  readonly deflated: boolean;
  readonly start: number;
  readonly end: number;
}

/** What the first frame of a message says of all of it. */
interface MessageKind {
  readonly isText: boolean;
  readonly deflated: boolean;
}

/** A message whose last fragment has not come yet. */
interface Fragments {
  readonly kind: MessageKind;
  readonly bytes: PendingBytes;
  byteCount: number;
  count: number;
}

/**
 * Reads server-to-client frames (RFC 6455, section 5) from chunks as they come. A frame that lies whole in a chunk is
 * handed on as a view of it; only what is cut by the chunk's end is copied.
 */
export class FrameReader {
  readonly #events: FrameEvents;
  readonly #inflater: MessageInflater | undefined;
  readonly #pending = new PendingBytes();
  #fragments: Fragments | undefined;
  #ended = false;

  /** Messages may be deflated where that was agreed on. */
  constructor(events: FrameEvents, deflate?: DeflateAgreement) {
    this.#events = events;
    this.#inflater = deflate === undefined ? undefined : new MessageInflater(deflate, MOST_MESSAGE_BYTES);
  }

  read(chunk: Buffer): void {
    if (this.#ended) return;
    const data = this.#pending.join(chunk);
    let position = 0;
    while (!this.#ended) {
      const head = this.#head(data, position);
      if (head === undefined || head.end > data.length) break;
      this.#frame(head, data.subarray(head.start, head.end));
      position = head.end;
    }
    this.#pending.keep(data, this.#ended ? data.length : position);
  }

  /** Reads nothing more. */
  end(): void {
    this.#ended = true;
    this.#inflater?.close();
  }

  /** Undefined where the head is not all there yet, or is wrong: that is told before any of its payload has come. */
  #head(data: Buffer, position: number): FrameHead | undefined {
    const first = data[position];
    const second = data[position + 1];
    if (first === undefined || second === undefined) return undefined;
    const cause = this.#wrongWith(first, second);
    if (cause !== undefined) {
      this.#violate(cause);
      return undefined;
    }
    const short = second & 0x7f;
    const extended = EXTENDED_LENGTH_BYTES[short] ?? 0;
    const start = position + 2 + extended;
    if (data.length < start) return undefined;
    const length = extended === 0 ? short : readLength(data, position + 2, extended);
    const opcode = first & 0x0f;
    if (opcode < OPCODE.close && (this.#fragments?.byteCount ?? 0) + length > MOST_MESSAGE_BYTES) {
      this.#violate('large-message');
      return undefined;
    }
    return {
      opcode,
      final: (first & FINAL) !== 0,
      deflated: (first & DEFLATED) !== 0,
      start,
      end: start + length,
    };
  }

  #wrongWith(first: number, second: number): ProtocolCause | undefined {
    const opcode = first & 0x0f;
    if ((first & RESERVED) !== 0 && !this.#mayBeDeflated(first & RESERVED, opcode)) return 'reserved-bits';
    if ((second & MASKED) !== 0) return 'masked';
    switch (opcode) {
      case OPCODE.text:
      case OPCODE.binary:
        return this.#fragments === undefined ? undefined : 'interleaved';
      case OPCODE.continuation:
        return this.#fragments === undefined ? 'continuation' : undefined;
      case OPCODE.close:
      case OPCODE.ping:
      case OPCODE.pong:
        return (first & FINAL) === 0 || (second & 0x7f) > MOST_CONTROL_BYTES ? 'control-frame' : undefined;
      default:
        return 'opcode';
    }
  }

  #mayBeDeflated(reserved: number, opcode: number): boolean {
    return (
      reserved === DEFLATED && this.#inflater !== undefined && (opcode === OPCODE.text || opcode === OPCODE.binary)
    );
  }

  #frame({ opcode, final, deflated }: FrameHead, payload: Buffer): void {
    switch (opcode) {
      case OPCODE.text:
      case OPCODE.binary: {
        const kind = { isText: opcode === OPCODE.text, deflated };
        if (final) this.#message(payload, kind);
        else this.#fragment(this.#begin(kind), payload);
        break;
      }
      case OPCODE.continuation:
        if (this.#fragments !== undefined) this.#continue(this.#fragments, final, payload);
        break;
      case OPCODE.ping:
        this.#events.ping(payload);
        break;
      case OPCODE.close:
        this.#close(payload);
        break;
      default:
        // A pong that nobody asked for says nothing (section 5.5.3).
        break;
    }
  }

  #message(payload: Buffer, { isText, deflated }: MessageKind): void {
    if (!deflated || this.#inflater === undefined) {
      this.#whole(payload, isText);
      return;
    }
    const inflated = this.#inflater.read(payload);
    if (typeof inflated === 'string') this.#violate(NOT_INFLATED[inflated]);
    else this.#whole(inflated, isText);
  }

  /** Text must be UTF-8 (section 8.1); the check is native and costs a tenth of what taking the message does. */
  #whole(message: Buffer, isText: boolean): void {
    if (isText && !isUtf8(message)) this.#violate('utf8');
    else this.#events.message(message, isText);
  }

  #begin(kind: MessageKind): Fragments {
    this.#fragments = { kind, bytes: new PendingBytes(), byteCount: 0, count: 0 };
    return this.#fragments;
  }

  #fragment(fragments: Fragments, payload: Buffer): Buffer {
    const joined = fragments.bytes.join(payload);
    fragments.bytes.keep(joined, 0);
    fragments.byteCount += payload.length;
    fragments.count += 1;
    if (fragments.count > MOST_FRAGMENTS) this.#violate('fragments');
    return joined;
  }

  #continue(fragments: Fragments, final: boolean, payload: Buffer): void {
    const message = this.#fragment(fragments, payload);
    if (!final || this.#ended) return;
    this.#fragments = undefined;
    this.#message(message, fragments.kind);
  }

  /** Section 5.5.1: no payload, or a code that may stand in a frame and a reason in UTF-8. */
  #close(payload: Buffer): void {
    const code = payload.length < 2 ? NO_STATUS : payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (payload.length > 0 && !mayBeSent(code)) this.#violate('close-code');
    else if (!isUtf8(reason)) this.#violate('utf8');
    else {
      this.end();
      this.#events.close(code, reason.toString());
    }
  }

  #violate(cause: ProtocolCause): void {
    this.end();
    this.#events.violation(cause);
  }
}

function readLength(data: Buffer, position: number, size: number): number {
  return size === 2
    ? data.readUInt16BE(position)
    : data.readUInt32BE(position) * 2 ** 32 + data.readUInt32BE(position + 4);
}

/**
 * Section 7.4: codes for applications (3000 to 4999) and those of the IANA registry, but for those that say in an API what no
 * frame said.
 */
function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_STATUS && code !== 1006;
}

/** A close frame as clients send it; without a payload where there is no code to tell. */
export function maskedClose(code: number): Buffer {
  const payload = Buffer.alloc(code === NO_STATUS ? 0 : 2);
  if (code !== NO_STATUS) payload.writeUInt16BE(code);
  return maskedFrame(OPCODE.close, payload);
}

/** Masks are drawn many at a time. */
const MASKS = Buffer.alloc(8192);
const MASK_BYTES = 4;
let nextMask = MASKS.length;

function drawMask(): Buffer {
  if (nextMask === MASKS.length) {
    randomFillSync(MASKS);
    nextMask = 0;
  }
  nextMask += MASK_BYTES;
  return MASKS.subarray(nextMask - MASK_BYTES, nextMask);
}

function extendedLengthBytes(length: number): 0 | 2 | 8 {
  if (length <= MOST_CONTROL_BYTES) return 0;
  return length < 0x1_0000 ? 2 : 8;
}

/** A client-to-server frame, whole, under a mask that nobody can foresee (section 5.3). */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extended = extendedLengthBytes(length);
  const maskStart = 2 + extended;
  const start = maskStart + MASK_BYTES;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | ({ 0: length, 2: 126, 8: 127 } as const)[extended];
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  drawMask().copy(frame, maskStart);
  for (let at = 0; at < length; at++) frame[start + at] = (payload[at] ?? 0) ^ (frame[maskStart + (at & 3)] ?? 0);
  return frame;
}
