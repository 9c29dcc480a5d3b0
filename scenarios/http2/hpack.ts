/** Bits of each character from the space to `~` in the code of RFC 7541, appendix B. */
const HUFFMAN_BITS = [
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6,
  5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
];
const FIRST_CHARACTER = 32;

/** Names of the static table (appendix A) in its order, as far as requests and answers here have them; several have more rows than one. */
const STATIC_NAMES: Readonly<Record<string, number>> = {
  ':authority': 1,
  ':method': 2,
  ':path': 4,
  ':scheme': 6,
  ':status': 8,
  'accept-encoding': 16,
  'accept-language': 17,
  accept: 19,
  authorization: 23,
  'cache-control': 24,
  'content-encoding': 26,
  'content-length': 28,
  'content-type': 31,
  cookie: 32,
  date: 33,
  etag: 34,
  'if-none-match': 41,
  origin: 0,
  referer: 51,
  'user-agent': 58,
  vary: 59,
};
/** Rows that have a value too. */
const STATIC_FIELDS: ReadonlySet<string> = new Set([
  ':method GET',
  ':method POST',
  ':path /',
  ':scheme http',
  ':scheme https',
  ':status 200',
  ':status 204',
  ':status 304',
  ':status 400',
  ':status 404',
  'accept-encoding gzip, deflate',
]);

/** As SETTINGS_HEADER_TABLE_SIZE has it where nobody says another. */
const TABLE_BYTES = 4096;
/** What a row takes besides its name and its value (section 4.1). */
const ROW_BYTES = 32;

export type HpackField = readonly [name: string, value: string];

/** Which fields an encoder does not put into its table: the protocol leaves that to it. */
type EncoderPolicy = (field: HpackField) => 'kept' | 'not-kept' | 'never-kept';

const NOT_KEPT_BY_NGHTTP2: ReadonlySet<string> = new Set([
  ':path',
  'age',
  'content-length',
  'etag',
  'if-modified-since',
  'if-none-match',
  'location',
  'set-cookie',
]);

/** The encoders of Node and of Chromium (nghttp2, lib/nghttp2_hd.c; net/third_party, HpackEncoder::DefaultPolicy). */
const HPACK_ENCODERS = {
  nghttp2: ([name, value]) => {
    if (name === 'authorization' || (name === 'cookie' && value.length < 20)) return 'never-kept';
    return NOT_KEPT_BY_NGHTTP2.has(name) ? 'not-kept' : 'kept';
  },
  chromium: ([name]) => (name.startsWith(':') && name !== ':authority' ? 'not-kept' : 'kept'),
} as const satisfies Record<string, EncoderPolicy>;

type HpackEncoderId = keyof typeof HPACK_ENCODERS;

/** How many bytes heads take that go over one connection one way, one after the other (HPACK, RFC 7541). */
export class HpackSizes {
  readonly #policy: EncoderPolicy;
  /** The newest first. */
  readonly #rows: HpackField[] = [];
  #tableBytes = 0;

  constructor(encoder: HpackEncoderId) {
    this.#policy = HPACK_ENCODERS[encoder];
  }

  /** Of one head, without that of its frame. */
  bytesOf(fields: readonly HpackField[]): number {
    let bytes = 0;
    for (const field of fields) bytes += this.#bytesOfOne(field);
    return bytes;
  }

  #bytesOfOne(field: HpackField): number {
    const [name, value] = field;
    const row = this.#rows.findIndex(([otherName, otherValue]) => otherName === name && otherValue === value);
    const how = this.#policy(field);
    if (STATIC_FIELDS.has(`${name} ${value}`) || (row >= 0 && how !== 'never-kept'))
      return integerBytes(62 + Math.max(0, row), 7);
    const known = STATIC_NAMES[name] ?? 0;
    const index = known > 0 ? known : this.#rows.findIndex(([other]) => other === name) + 1;
    const place = index === 0 || known > 0 ? known : 61 + index;
    const said =
      integerBytes(place, how === 'kept' ? 6 : 4) + (place === 0 ? hpackTextBytes(name) : 0) + hpackTextBytes(value);
    if (how === 'kept') this.#keep(field);
    return said;
  }

  #keep(field: HpackField): void {
    this.#rows.unshift(field);
    this.#tableBytes += rowBytes(field);
    while (this.#tableBytes > TABLE_BYTES) {
      const oldest = this.#rows.pop();
      if (oldest === undefined) return;
      this.#tableBytes -= rowBytes(oldest);
    }
  }
}

function rowBytes([name, value]: HpackField): number {
  return name.length + value.length + ROW_BYTES;
}

/** An integer whose first byte has so many bits for it (section 5.1). */
function integerBytes(value: number, prefixBits: number): number {
  const most = 2 ** prefixBits - 1;
  if (value < most) return 1;
  let bytes = 2;
  for (let rest = value - most; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** With its length, in the code of Huffman where that is shorter (section 5.2). */
export function hpackTextBytes(text: string): number {
  const characters = Buffer.from(text, 'latin1');
  const bits = characters.reduce((sum, character) => sum + (HUFFMAN_BITS[character - FIRST_CHARACTER] ?? 30), 0);
  const bytes = Math.min(Math.ceil(bits / 8), text.length);
  return integerBytes(bytes, 7) + bytes;
}
