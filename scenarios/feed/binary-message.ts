import { crc32 } from 'node:zlib';
import { HeaderReader, type MessageReader, type Notice, type Origin, readNotice } from './message.ts';
import { readSignal, type Signal } from './signal.ts';

/**
 * The compact envelope, made by a door from the text that the log holds. Integers are big-endian; each has a place and a width
 * of its own, as in ITCH and SBE, so that any language reads it in a line, nothing has to be looked for, and every message is as
 * much larger than its data as the others. Varints would save 11 of the 29 bytes, and cost a loop for each integer.
 *
 *   0 kind    1 byte: `M`, a message; `N`, a notice, whose JSON is all the rest
 *   1 seq     8
 *   9 crc     4, CRC-32 of all that follows: times and data
 *  13 dueNs   8
 *  21 publishedNs 8
 *  29 data    JSON, up to the end
 *
 * What somebody said in a channel has the kind `C`, and that before its data:
 *
 *  29 n       4
 *  33 lengths of the names, 1 byte each; then channel and sender
 */
const KIND_MESSAGE = 0x4d;
const KIND_SAID = 0x43;
const KIND_NOTICE = 0x4e;
const SEQ = 1;
const CRC = 9;
const DUE = 13;
const PUBLISHED = 21;
const DATA = 29;
const NAME_LENGTHS = DATA + 4;
const NAMES = NAME_LENGTHS + 2;
const HIGH = 2 ** 32;
const NOTHING = Buffer.alloc(0);

const text = new HeaderReader();

/**
 * An entry of the log in the compact form. One that is damaged stays so: its checksum does not fit here either. What is no
 * message goes behind the kind of notices as it is.
 */
export function encodeBinary(entry: Buffer): Buffer {
  if (!text.read(entry)) return Buffer.concat([Buffer.of(KIND_NOTICE), entry]);
  const data = text.data();
  const origin = encodeOrigin(text.origin());
  const bytes = Buffer.allocUnsafe(DATA + origin.length + data.length);
  bytes[0] = origin.length === 0 ? KIND_MESSAGE : KIND_SAID;
  const fits = [writeUInt64(bytes, text.seq, SEQ), writeUInt64(bytes, text.dueNs, DUE)];
  fits.push(writeUInt64(bytes, text.publishedNs, PUBLISHED));
  origin.copy(bytes, DATA);
  data.copy(bytes, DATA + origin.length);
  const crc = crc32(bytes.subarray(DUE));
  bytes.writeUInt32BE(text.intact && fits.every(Boolean) ? crc : ~crc >>> 0, CRC);
  return bytes;
}

function encodeOrigin(origin: Origin | undefined): Buffer {
  if (origin === undefined) return NOTHING;
  const { n, channel, from } = origin;
  const lengths = [n >>> 24, n >>> 16, n >>> 8, n, channel.length, from.length];
  return Buffer.concat([Buffer.from(lengths), Buffer.from(channel, 'latin1'), Buffer.from(from, 'latin1')]);
}

/** False where it is no number that a double holds exactly; then 0 stands there. */
function writeUInt64(bytes: Buffer, value: number, position: number): boolean {
  const fits = value <= Number.MAX_SAFE_INTEGER;
  bytes.writeUInt32BE(fits ? Math.floor(value / HIGH) : 0, position);
  bytes.writeUInt32BE(fits ? value % HIGH : 0, position + 4);
  return fits;
}

/** Reads the compact envelope: once a delivery, as HeaderReader does the text. */
export class BinaryHeaderReader implements MessageReader {
  seq = 0;
  dueNs = 0;
  publishedNs = 0;
  intact = false;
  crc = -1;
  #bytes: Buffer = NOTHING;
  #dataStart = DATA;

  read(bytes: Buffer): boolean {
    const isSaid = bytes[0] === KIND_SAID;
    if ((!isSaid && bytes[0] !== KIND_MESSAGE) || bytes.length < (isSaid ? NAMES : DATA)) return false;
    this.seq = bytes.readUInt32BE(SEQ) * HIGH + bytes.readUInt32BE(SEQ + 4);
    this.crc = bytes.readUInt32BE(CRC);
    this.dueNs = bytes.readUInt32BE(DUE) * HIGH + bytes.readUInt32BE(DUE + 4);
    this.publishedNs = bytes.readUInt32BE(PUBLISHED) * HIGH + bytes.readUInt32BE(PUBLISHED + 4);
    this.#bytes = bytes;
    this.#dataStart = isSaid ? NAMES + (bytes[NAME_LENGTHS] ?? 0) + (bytes[NAME_LENGTHS + 1] ?? 0) : DATA;
    this.intact =
      this.seq > 0 &&
      this.seq <= Number.MAX_SAFE_INTEGER &&
      this.#dataStart <= bytes.length &&
      crc32(bytes.subarray(DUE)) === this.crc;
    return true;
  }

  notice(bytes: Buffer): Notice | undefined {
    return bytes[0] === KIND_NOTICE ? readNotice(bytes.subarray(1)) : undefined;
  }

  signal(bytes: Buffer): Signal | undefined {
    return bytes[0] === KIND_NOTICE ? readSignal(bytes.subarray(1)) : undefined;
  }

  data(): Buffer {
    return this.#bytes.subarray(this.#dataStart);
  }

  dataCrc(): number {
    return crc32(this.data());
  }

  origin(): Origin | undefined {
    if (this.#dataStart === DATA) return undefined;
    const from = NAMES + (this.#bytes[NAME_LENGTHS] ?? 0);
    return {
      channel: this.#bytes.toString('latin1', NAMES, from),
      from: this.#bytes.toString('latin1', from, this.#dataStart),
      n: this.#bytes.readUInt32BE(DATA),
    };
  }
}
