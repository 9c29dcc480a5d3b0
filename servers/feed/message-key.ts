import { dataStart } from '../../scenarios/feed/message.ts';
import type { Entry } from './log.ts';

/** What is longer is no key: it would be looked at byte by byte, and kept besides the message. */
const MOST_KEY_BYTES = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OBJECT_START = 0x7b;
const OPENING: ReadonlySet<number | undefined> = new Set([OBJECT_START, 0x5b]);
const CLOSING: ReadonlySet<number | undefined> = new Set([0x7d, 0x5d]);

/**
 * What a message is about: the first `fields` fields of its data, byte for byte, found without parsing JSON. Undefined
 * where the data is no object, or has none so short: nothing takes the place of such a message.
 */
export function readKey(message: Entry, fields: number): string | undefined {
  const start = dataStart(message) + 1;
  if (message[start - 1] !== OBJECT_START) return undefined;
  const end = endOfFields(message, start, fields);
  return end > start ? message.toString('latin1', start, end) : undefined;
}

/** Where the last of so many fields ends; -1 where there are fewer. */
function endOfFields(message: Entry, start: number, fields: number): number {
  let ended = 0;
  let depth = 0;
  const most = Math.min(message.length, start + MOST_KEY_BYTES + 1);
  for (let at = start; at < most; at++) {
    const byte = message[at];
    if (byte === QUOTE) at = endOfString(message, at, most);
    else if (OPENING.has(byte)) depth += 1;
    else if (byte === COMMA || CLOSING.has(byte)) {
      if (depth === 0) ended += 1;
      if (ended === fields) return at;
      if (byte !== COMMA) depth -= 1;
      if (depth < 0) return -1;
    }
  }
  return -1;
}

/** The quote that ends the string which begins at `start`, or something beyond `most`. */
function endOfString(message: Entry, start: number, most: number): number {
  let at = start + 1;
  while (at < most && message[at] !== QUOTE) at += message[at] === BACKSLASH ? 2 : 1;
  return at;
}
