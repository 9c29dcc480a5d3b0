import type { ProtocolCause } from '../../scenarios/session-end.ts';
import { PendingBytes } from './pending-bytes.ts';

/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface FrameEvents {
  /** A whole message, its fragments joined; `bytes` are only good during the call. */
  message(bytes: Buffer): void;
  ping(bytes: Buffer): void;
  /** `code` is 1005 where the frame carried none (section 7.1.5). */
  close(code: number, reason: string): void;
  /** The server broke the protocol; nothing more is read. */
  violation(cause: ProtocolCause): void;
}

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const NO_STATUS = 1005;
const MOST_CONTROL_BYTES = 125;
const MOST_MESSAGE_BYTES = 64 * 1024 * 1024;
/** Bytes of the extended length, by the value of the short one. */
const EXTENDED_LENGTH_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

interface FrameHead {
  readonly opcode: number;
  readonly final: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads server-to-client frames (RFC 6455, section 5) from chunks as they come. A frame that lies whole in a chunk is
 * handed on as a view of it; only what is cut by the chunk's end is copied.
 */
export class FrameReader {
  readonly #events: FrameEvents;
  readonly #pending = new PendingBytes();
  #fragments: Buffer[] | undefined;
  #fragmentBytes = 0;
  #ended = false;

  constructor(events: FrameEvents) {
    this.#events = events;
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

  /** Undefined where the head is not all there yet. */
  #head(data: Buffer, position: number): FrameHead | undefined {
    const first = data[position];
    const second = data[position + 1];
    if (first === undefined || second === undefined) return undefined;
    if ((first & RESERVED) !== 0 || (second & MASKED) !== 0) {
      this.#violate((second & MASKED) === 0 ? 'reserved-bits' : 'masked');
      return undefined;
    }
    const short = second & 0x7f;
    const extended = EXTENDED_LENGTH_BYTES[short] ?? 0;
    const start = position + 2 + extended;
    if (data.length < start) return undefined;
    const length = extended === 0 ? short : readLength(data, position + 2, extended);
    const opcode = first & 0x0f;
    const final = (first & FINAL) !== 0;
    if (this.#fragmentBytes + length > MOST_MESSAGE_BYTES) {
      this.#violate('large-message');
      return undefined;
    }
    if (opcode >= OPCODE.close && (length > MOST_CONTROL_BYTES || !final)) {
      this.#violate('control-frame');
      return undefined;
    }
    return { opcode, final, start, end: start + length };
  }

  #frame({ opcode, final }: FrameHead, payload: Buffer): void {
    switch (opcode) {
      case OPCODE.text:
      case OPCODE.binary:
        if (this.#fragments !== undefined) this.#violate('interleaved');
        else if (final) this.#events.message(payload);
        else this.#begin(payload);
        break;
      case OPCODE.continuation:
        this.#continue(final, payload);
        break;
      case OPCODE.ping:
        this.#events.ping(payload);
        break;
      case OPCODE.close:
        this.#ended = true;
        this.#events.close(payload.length < 2 ? NO_STATUS : payload.readUInt16BE(0), payload.toString('utf8', 2));
        break;
      case OPCODE.pong:
        break;
      default:
        this.#violate('opcode');
    }
  }

  #begin(payload: Buffer): void {
    this.#fragments = [Buffer.from(payload)];
    this.#fragmentBytes = payload.length;
  }

  #continue(final: boolean, payload: Buffer): void {
    if (this.#fragments === undefined) {
      this.#violate('continuation');
      return;
    }
    this.#fragments.push(Buffer.from(payload));
    this.#fragmentBytes += payload.length;
    if (!final) return;
    const message = Buffer.concat(this.#fragments);
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
    this.#events.message(message);
  }

  #violate(cause: ProtocolCause): void {
    this.#ended = true;
    this.#events.violation(cause);
  }
}

function readLength(data: Buffer, position: number, size: number): number {
  return size === 2
    ? data.readUInt16BE(position)
    : data.readUInt32BE(position) * 2 ** 32 + data.readUInt32BE(position + 4);
}

/**
 * A client-to-server frame. Clients must mask (section 5.3); the mask may be all zeros, because it protects proxies from
 * scripts, and here is neither.
 */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > MOST_CONTROL_BYTES) throw new RangeError('control frames hold 125 bytes at most');
  return Buffer.concat([Buffer.from([FINAL | opcode, MASKED | payload.length, 0, 0, 0, 0]), payload]);
}
