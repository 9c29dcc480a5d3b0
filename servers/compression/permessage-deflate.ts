import { constants } from 'node:zlib';
import { InflateRaw } from 'minizlib';
import { Inflation, type NotInflated } from './inflation.ts';

/** As browsers offer it (RFC 7692, section 7.1). */
export const DEFLATE_OFFER = 'permessage-deflate; client_max_window_bits';

/** What the two sides agreed on for what the server sends. */
export interface DeflateAgreement {
  /** Whether a message may refer to those before it ("context takeover", section 7.1.1). */
  readonly takesOver: boolean;
  /** Of the window in which it does (section 7.1.2). */
  readonly windowBits: number;
}

const PARAMETER = /^([a-z_]+)(?:=(?:"(\d+)"|(\d+)))?$/;
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;
const MOST_WINDOW_BITS = 15;

/** Of the field that answers DEFLATE_OFFER; undefined where a client must not go on with it (section 7.1). */
export function readAgreement(field: string): DeflateAgreement | undefined {
  const [name, ...parameters] = field.split(';').map((part) => part.trim());
  if (name !== 'permessage-deflate') return undefined;
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const [, key = '', quoted, plain = ''] = PARAMETER.exec(parameter) ?? [];
    if (values.has(key) || !isParameter(key, quoted ?? plain)) return undefined;
    values.set(key, quoted ?? plain);
  }
  return {
    takesOver: !values.has('server_no_context_takeover'),
    windowBits: Number(values.get('server_max_window_bits') ?? MOST_WINDOW_BITS),
  };
}

function isParameter(key: string, value: string): boolean {
  switch (key) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === '';
    case 'server_max_window_bits':
    case 'client_max_window_bits':
      return WINDOW_BITS.test(value);
    default:
      return false;
  }
}

/** What a sender leaves out at the end of each message (RFC 7692, section 7.2.1). */
const TRAILER = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** What may be left behind a block that says it is the last: the empty one that the trailer makes (section 7.2.3.5). */
const AFTER_LAST_BLOCK: readonly Buffer[] = [TRAILER, Buffer.concat([Buffer.of(0x00), TRAILER])];

/** Reads the messages of one sender by permessage-deflate, in their order; after one that is refused no more can be read. */
export class MessageInflater {
  readonly #takesOver: boolean;
  readonly #options: { readonly flush: number; readonly windowBits: number; readonly maxOutputLength: number };
  #inflation: Inflation | undefined;

  constructor({ takesOver, windowBits }: DeflateAgreement, mostBytes: number) {
    this.#takesOver = takesOver;
    this.#options = { flush: constants.Z_SYNC_FLUSH, windowBits, maxOutputLength: mostBytes };
  }

  /** `payload` is all of a message, its fragments joined. */
  read(payload: Buffer): Buffer | NotInflated {
    this.#inflation ??= new Inflation(new InflateRaw({ ...this.#options }));
    const input = Buffer.concat([payload, TRAILER]);
    const run = this.#inflation.run(input);
    if (typeof run === 'string') return run;
    const left = input.subarray(run.takenBytes);
    if (left.length > 0) {
      if (!AFTER_LAST_BLOCK.some((allowed) => allowed.equals(left))) return 'malformed';
      this.#inflation.reset();
    } else if (!this.#takesOver) this.#inflation.reset();
    return run.bytes;
  }

  /** Gives its memory back. */
  close(): void {
    this.#inflation?.close();
    this.#inflation = undefined;
  }
}
