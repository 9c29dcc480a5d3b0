import { pick, type Random, seededRandom } from '../../scenarios/feed/random.ts';

/** What parsers stumble over: ends of lines and of heads, digits, lengths, frames, halves of characters. */
const TOKENS: readonly [string, ...string[]] = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  '0\r\n\r\n',
  '\0',
  '9',
  'ffffffff',
  '-1',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\n\r\n',
  '[]',
  ',\n',
  '{"seq":1,',
  'data: ',
  'id: 7\n',
  'event: x\n',
  '\r',
  '\n\n',
  '\uFEFF',
];
const BYTES: readonly [number[], ...number[][]] = [
  [0x81, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x81, 0xfe],
  [0x00, 0x00],
  [0x88, 0x00],
  [0x88, 0x02, 0x03, 0xed],
  [0x89, 0x7d],
  [0x01, 0x00],
  [0xed, 0xa0, 0x80],
];

type Edit = (bytes: Buffer, random: Random) => Buffer;

const EDITS: readonly [Edit, ...Edit[]] = [
  flipBit,
  setByte,
  cutOut,
  repeatPart,
  insertToken,
  insertBytes,
  truncate,
  exchange,
];

/** One to four edits of `bytes`, the same for the same seed and length. */
export function mutated(bytes: Buffer, seed: number): Buffer {
  const random = seededRandom(seed);
  const edits = 1 + Math.floor(random() * 4);
  let changed = Buffer.from(bytes);
  for (let edit = 0; edit < edits && changed.length > 0; edit++)
    changed = Buffer.from(pick(random, EDITS)(changed, random));
  return changed;
}

function below(random: Random, most: number): number {
  return Math.floor(random() * most);
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  const at = below(random, bytes.length);
  bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << below(random, 8)), at);
  return bytes;
}

function setByte(bytes: Buffer, random: Random): Buffer {
  bytes.writeUInt8(below(random, 256), below(random, bytes.length));
  return bytes;
}

function cutOut(bytes: Buffer, random: Random): Buffer {
  const at = below(random, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 16))]);
}

function repeatPart(bytes: Buffer, random: Random): Buffer {
  const at = below(random, bytes.length);
  const end = at + 1 + below(random, 200);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
}

function insertToken(bytes: Buffer, random: Random): Buffer {
  return insert(bytes, random, Buffer.from(pick(random, TOKENS)));
}

function insertBytes(bytes: Buffer, random: Random): Buffer {
  return insert(bytes, random, Buffer.from(pick(random, BYTES)));
}

function insert(bytes: Buffer, random: Random, what: Buffer): Buffer {
  const at = below(random, bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, below(random, bytes.length));
}

function exchange(bytes: Buffer, random: Random): Buffer {
  const [first = 0, second = 0, third = 0] = [0, 0, 0].map(() => below(random, bytes.length)).toSorted((a, b) => a - b);
  return Buffer.concat([
    bytes.subarray(0, first),
    bytes.subarray(second, third),
    bytes.subarray(first, second),
    bytes.subarray(third),
  ]);
}
