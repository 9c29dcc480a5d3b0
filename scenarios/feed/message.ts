import { crc32 } from 'node:zlib';
import { FEED_CHANNEL } from './channels.ts';
import { readSignal, type Signal } from './signal.ts';

/** What a client is told when its position in the feed cannot be served as asked; never skipped in silence. */
export type Notice =
  | { readonly notice: 'gap'; readonly from: number; readonly to: number }
  | { readonly notice: 'reset'; readonly latest: number };

/**
 * The envelope of every message, in the form in which nodes hold it and every wire can carry it: a JSON object on one line whose first field is
 * the sequence number and whose last is a CRC-32 over everything between the two. The publisher writes the *body*; the
 * backplane puts the sequence number in front, once; no node decodes it.
 *
 *   {"seq":17,"dueNs":5123456789012,"publishedNs":5123456812345,"data":{"symbol":"ACME",…},"crc":"8f3a2b1c"}
 *
 * `seq` counts from 1 without holes. `dueNs` and `publishedNs` are CLOCK_MONOTONIC nanoseconds.
 *
 * What somebody said in a channel tells that too, under the checksum, and `n`, the sender's own number in that channel:
 *
 *   {"seq":18,"channel":"room:3","from":"u17","n":5,"dueNs":…,"publishedNs":…,"data":{…},"crc":"…"}
 *
 * A message that does not is the publisher's, in the channel `feed`, and its `n` is its `seq`.
 */
const SEQ_FIELD = '{"seq":';
const CHANNEL_FIELD = '"channel":"';
const FROM_FIELD = '","from":"';
const N_FIELD = '","n":';
const DUE_FIELD = '"dueNs":';
const PUBLISHED_FIELD = ',"publishedNs":';
const DATA_FIELD = ',"data":';
export const CRC_FIELD = ',"crc":"';
export const MESSAGE_END = '"}';
const TAIL_LENGTH = CRC_FIELD.length + 8 + MESSAGE_END.length;
/** `{"se`, `eq":`, `,"cr`, `c":"` and `"}` as big-endian integers: two comparisons are cheaper than seven. */
const SEQ_FIELD_START = 0x7b227365;
const SEQ_FIELD_END = 0x6571223a;
const CRC_FIELD_START = 0x2c226372;
const CRC_FIELD_END = 0x63223a22;
const OBJECT_END = 0x227d;
const COMMA = 0x2c;
const QUOTE = 0x22;
/** The first letter of the field after `seq`, by which the two kinds of messages differ. */
const FIRST_OF_CHANNEL = 0x63;
const DIGIT_ZERO = 0x30;
const DIGIT_NINE = 0x39;
const NOTHING = Buffer.alloc(0);
/** Of a larger message the copy would cost more than it spares. */
const MOST_KEPT_BYTES = 8192;

/** What a reader tells of the message that it read last, whatever its form; good until it reads another. */
export interface MessageHeader {
  readonly seq: number;
  /** This and the next: NaN of a server's own feed, where nobody tells. */
  readonly dueNs: number;
  readonly publishedNs: number;
  /** Whether the CRC-32 fits what it covers and what is around that is as it should be. */
  readonly intact: boolean;
  /** The CRC-32 that the message says, of times and data as they stand in its form; -1 where it says none. */
  readonly crc: number;
  /** The data as JSON: a view of the bytes, and only as long as these are there. */
  data(): Buffer;
  /** The CRC-32 of the data alone, the same in every form; in the same way. */
  dataCrc(): number;
  /** Who said it, where, and as which of theirs there; undefined where it is the publisher's. */
  origin(): Origin | undefined;
}

/** Who says something, and where. */
export interface Speaker {
  readonly channel: string;
  readonly from: string;
}

/** The same, and how many they had said there with it. */
export interface Origin extends Speaker {
  readonly n: number;
}

/** What is said; `data` is JSON. */
export interface Content {
  readonly dueNs: number;
  readonly publishedNs: number;
  readonly data: string;
}

/** Reads one form of messages. */
export interface MessageReader extends MessageHeader {
  /** False where `bytes` are no message at all: a notice, or something foreign. */
  read(bytes: Buffer): boolean;
  /** What `read` refused; undefined where it is no notice either. */
  notice(bytes: Buffer): Notice | undefined;
  /** What is neither; undefined where it is no signal either. */
  signal(bytes: Buffer): Signal | undefined;
}

/** The body that a publisher hands to `append`: everything of the envelope but the sequence number. */
export function encodeBody(dueNs: number, publishedNs: number, data: string): string {
  return closed(`${DUE_FIELD}${dueNs}${PUBLISHED_FIELD}${publishedNs}${DATA_FIELD}${data}`);
}

/** The same of what somebody said in a channel; both are names (channels.ts). */
export function encodeSaid(origin: Origin, content: Content): string {
  const { before, behind } = unnumbered(origin, content);
  return closed(`${before}${origin.n}${behind}`);
}

/** What the checksum of that covers, before and behind `n`, for whoever gives the number. */
export function unnumbered(
  { channel, from }: Speaker,
  { dueNs, publishedNs, data }: Content,
): { readonly before: string; readonly behind: string } {
  return {
    before: `${CHANNEL_FIELD}${channel}${FROM_FIELD}${from}${N_FIELD}`,
    behind: `,${DUE_FIELD}${dueNs}${PUBLISHED_FIELD}${publishedNs}${DATA_FIELD}${data}`,
  };
}

function closed(covered: string): string {
  return `${covered}${CRC_FIELD}${crc32(covered).toString(16).padStart(8, '0')}${MESSAGE_END}`;
}

/** The message as it goes over every wire. */
export function encodeMessage(seq: number, body: string): Buffer {
  return Buffer.from(`${SEQ_FIELD}${seq},${body}`);
}

export function encodeNotice(notice: Notice): Buffer {
  return Buffer.from(JSON.stringify(notice));
}

/** In which channel an entry is; undefined where it is no message. */
export function channelOf(entry: Buffer): string | undefined {
  if (entry.length < SEQ_FIELD.length + TAIL_LENGTH || !beginsWithSeq(entry)) return undefined;
  const field = entry.indexOf(COMMA, SEQ_FIELD.length) + 1;
  if (entry[field + 1] !== FIRST_OF_CHANNEL) return FEED_CHANNEL;
  const start = field + CHANNEL_FIELD.length;
  return entry.toString('latin1', start, entry.indexOf(QUOTE, start));
}

/** Who said an entry, and where; undefined where it is no message, or the publisher's to all. */
export function speakerOf(entry: Buffer): Speaker | undefined {
  if (entry.length < SEQ_FIELD.length + TAIL_LENGTH || !beginsWithSeq(entry)) return undefined;
  const field = entry.indexOf(COMMA, SEQ_FIELD.length) + 1;
  if (entry[field + 1] !== FIRST_OF_CHANNEL) return undefined;
  const start = field + CHANNEL_FIELD.length;
  const end = entry.indexOf(QUOTE, start);
  const from = end + FROM_FIELD.length;
  return {
    channel: entry.toString('latin1', start, end),
    from: entry.toString('latin1', from, entry.indexOf(QUOTE, from)),
  };
}

/** Where the data of a message begins. */
export function dataStart(message: Buffer): number {
  return message.indexOf(DATA_FIELD) + DATA_FIELD.length;
}

/**
 * Reads envelopes without parsing JSON: this runs once a delivery, and a string or a parsed object would cost more than
 * all the rest of a delivery. One reader serves one session after the other; its fields hold the last message read.
 */
export class HeaderReader implements MessageReader {
  seq = 0;
  dueNs = 0;
  publishedNs = 0;
  intact = false;
  crc = -1;
  #bytes: Buffer = NOTHING;
  /** Where the channel begins; 0 where there is none. */
  #channelStart = 0;
  #dataStart = 0;
  #position = 0;
  /** The last message that was read, byte by byte; empty where it was too large to keep. */
  #last: Buffer = NOTHING;

  read(bytes: Buffer): boolean {
    // A broadcast comes to one client after the other, and equal bytes say the same: comparing costs a tenth of reading.
    if (bytes.length === this.#last.length && bytes.equals(this.#last)) {
      this.#bytes = bytes;
      return bytes.length > 0;
    }
    if (bytes.length < SEQ_FIELD.length + TAIL_LENGTH || !beginsWithSeq(bytes)) return false;
    this.seq = this.#integer(bytes, SEQ_FIELD.length);
    const comma = this.#position;
    const due = bytes[comma + 2] === FIRST_OF_CHANNEL ? this.#passOrigin(bytes, comma + 1) : comma + 1;
    this.#channelStart = due === comma + 1 ? 0 : comma + 1 + CHANNEL_FIELD.length;
    this.dueNs = this.#integer(bytes, due + DUE_FIELD.length);
    this.publishedNs = this.#integer(bytes, this.#position + PUBLISHED_FIELD.length);
    this.#bytes = bytes;
    this.#dataStart = this.#position + DATA_FIELD.length;
    this.crc = claimedCrc(bytes);
    this.intact =
      this.crc >= 0 &&
      this.seq > 0 &&
      bytes[comma] === COMMA &&
      crc32(bytes.subarray(comma + 1, bytes.length - TAIL_LENGTH)) === this.crc;
    this.#keep(bytes);
    return true;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length > MOST_KEPT_BYTES) this.#last = NOTHING;
    else {
      if (bytes.length !== this.#last.length) this.#last = Buffer.allocUnsafeSlow(bytes.length);
      bytes.copy(this.#last);
    }
  }

  notice(bytes: Buffer): Notice | undefined {
    return readNotice(bytes);
  }

  signal(bytes: Buffer): Signal | undefined {
    return readSignal(bytes);
  }

  data(): Buffer {
    return this.#bytes.subarray(this.#dataStart, this.#bytes.length - TAIL_LENGTH);
  }

  dataCrc(): number {
    return crc32(this.data());
  }

  origin(): Origin | undefined {
    const bytes = this.#bytes;
    const start = this.#channelStart;
    if (start === 0) return undefined;
    const end = bytes.indexOf(QUOTE, start);
    const from = end + FROM_FIELD.length;
    const fromEnd = bytes.indexOf(QUOTE, from);
    const n = this.#integer(bytes, fromEnd + N_FIELD.length);
    return { channel: bytes.toString('latin1', start, end), from: bytes.toString('latin1', from, fromEnd), n };
  }

  /** Returns where the field behind `n` begins. */
  #passOrigin(bytes: Buffer, start: number): number {
    const from = bytes.indexOf(QUOTE, start + CHANNEL_FIELD.length) + FROM_FIELD.length;
    this.#integer(bytes, bytes.indexOf(QUOTE, from) + N_FIELD.length);
    return this.#position + 1;
  }

  #integer(bytes: Buffer, start: number): number {
    let position = start;
    let value = 0;
    let digit = bytes[position] ?? 0;
    while (digit >= DIGIT_ZERO && digit <= DIGIT_NINE) {
      value = value * 10 + (digit - DIGIT_ZERO);
      position += 1;
      digit = bytes[position] ?? 0;
    }
    this.#position = position;
    return value;
  }
}

function beginsWithSeq(bytes: Buffer): boolean {
  return bytes.readUInt32BE(0) === SEQ_FIELD_START && bytes.readUInt32BE(3) === SEQ_FIELD_END;
}

/** What the last field says; -1 where the message does not end in it. */
function claimedCrc(bytes: Buffer): number {
  const start = bytes.length - TAIL_LENGTH;
  return bytes.readUInt32BE(start) === CRC_FIELD_START &&
    bytes.readUInt32BE(start + 4) === CRC_FIELD_END &&
    bytes.readUInt16BE(bytes.length - 2) === OBJECT_END
    ? readHex(bytes, start + CRC_FIELD.length)
    : -1;
}

/** Of each byte the digit that it is among 0-9 and a-f; -1 where it is none, whose sign no shift below takes away. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));

/** Eight digits, half by half, which stay small integers; -1 where one of them is none. */
function readHex(bytes: Buffer, start: number): number {
  const high = readHexHalf(bytes, start);
  const low = readHexHalf(bytes, start + 4);
  return (high | low) < 0 ? -1 : high * 0x1_0000 + low;
}

function readHexHalf(bytes: Buffer, start: number): number {
  return (
    (hex(bytes, start) << 12) | (hex(bytes, start + 1) << 8) | (hex(bytes, start + 2) << 4) | hex(bytes, start + 3)
  );
}

function hex(bytes: Buffer, position: number): number {
  return HEX_DIGITS[bytes[position] ?? 0] ?? -1;
}

/** A notice as text; undefined where it is none. */
export function readNotice(bytes: Buffer): Notice | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isNotice(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isNotice(value: unknown): value is Notice {
  if (typeof value !== 'object' || value === null || !('notice' in value)) return false;
  if (value.notice === 'reset') return 'latest' in value && Number.isSafeInteger(value.latest);
  return value.notice === 'gap' && 'from' in value && 'to' in value && isRange(value.from, value.to);
}

function isRange(from: unknown, to: unknown): boolean {
  return Number.isSafeInteger(from) && Number.isSafeInteger(to);
}
