const LINE_END = Buffer.from('\r\n');
const LINE_END_BYTES = 2;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const NO_DIGIT = -1;
/** Of a size without extensions, in front of its line end. */
const MOST_SHORT_DIGITS = 6;
/** A size with its extensions, or a trailer field; whoever sends more is not to be waited for. */
const MOST_LINE_BYTES = 4096;
const MOST_TRAILERS = 100;
/** Extensions are for others to understand (RFC 9112, section 7.1.1). */
const SIZE_LINE = /^([\da-fA-F]{1,12})[ \t]*(?:;[^\r\n]*)?$/;

type Part = 'size' | 'data' | 'data-end' | 'trailers';

/** Takes the body out of its chunks (RFC 9112, section 7.1), each part of it as it comes. */
export class ChunkReader {
  readonly #onBody: (bytes: Buffer) => void;
  state: 'open' | 'whole' | 'wrong' = 'open';
  #part: Part = 'size';
  #bytesLeft = 0;
  #trailers = 0;

  constructor(onBody: (bytes: Buffer) => void) {
    this.#onBody = onBody;
  }

  /** How many bytes were taken; those that were not are to be given once more, with what comes after them. */
  read(data: Buffer): number {
    let position = 0;
    while (this.state === 'open' && position < data.length) {
      const taken = this.#take(data, position);
      if (taken === 0) break;
      position += taken;
    }
    return position;
  }

  #take(data: Buffer, position: number): number {
    if (this.#part === 'data') return this.#takeData(data, position);
    return this.#takeShortLine(data, position) || this.#takeLine(data, position);
  }

  /** What stands around nearly every chunk, a size and a line end, costs no string: a stream has a chunk a message. */
  #takeShortLine(data: Buffer, position: number): number {
    let end = position;
    let size = 0;
    if (this.#part === 'size') {
      const last = position + MOST_SHORT_DIGITS;
      for (let digit = hexDigit(data[end]); digit !== NO_DIGIT && end < last; digit = hexDigit(data[end])) {
        size = size * 16 + digit;
        end += 1;
      }
      if (size === 0) return 0;
    } else if (this.#part !== 'data-end') return 0;
    if (data[end] !== CARRIAGE_RETURN || data[end + 1] !== LINE_FEED) return 0;
    this.#bytesLeft = size;
    this.#part = this.#part === 'size' ? 'data' : 'size';
    return end + LINE_END_BYTES - position;
  }

  #takeData(data: Buffer, position: number): number {
    const taken = Math.min(this.#bytesLeft, data.length - position);
    this.#bytesLeft -= taken;
    if (this.#bytesLeft === 0) this.#part = 'data-end';
    this.#onBody(data.subarray(position, position + taken));
    return taken;
  }

  #takeLine(data: Buffer, position: number): number {
    const end = data.indexOf(LINE_END, position);
    const bytes = (end < 0 ? data.length : end) - position;
    if (bytes > MOST_LINE_BYTES || (this.#part === 'data-end' && bytes > 1)) this.state = 'wrong';
    if (end < 0 || this.state === 'wrong') return 0;
    this.#line(data.toString('latin1', position, end));
    return bytes + LINE_END_BYTES;
  }

  #line(line: string): void {
    switch (this.#part) {
      case 'size':
        this.#size(SIZE_LINE.exec(line)?.[1]);
        break;
      case 'data-end':
        if (line === '') this.#part = 'size';
        else this.state = 'wrong';
        break;
      case 'trailers':
        this.#trailers += 1;
        if (line === '') this.state = 'whole';
        else if (this.#trailers > MOST_TRAILERS) this.state = 'wrong';
        break;
      case 'data':
        break;
      default:
        this.#part satisfies never;
    }
  }

  #size(digits: string | undefined): void {
    if (digits === undefined) {
      this.state = 'wrong';
      return;
    }
    this.#bytesLeft = Number.parseInt(digits, 16);
    this.#part = this.#bytesLeft === 0 ? 'trailers' : 'data';
  }
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NO_DIGIT;
}
