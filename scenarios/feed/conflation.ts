import { z } from 'zod';
import { DIMENSIONS } from '../dimensions.ts';
import { NS_PER_MS } from '../units.ts';
import { keepsAll } from './channels.ts';
import type { Feed } from './kinds/feed-schemas.ts';
import { dataStart, speakerOf } from './message.ts';
import { keyFieldsOf } from './payload.ts';
import { streamKey } from './script.ts';
import type { Payload } from './workload.ts';

/** How long a node holds messages back where clients are to get the newest of each key: longer than no eye sees. */
export const LATEST_WINDOW_NS = 100 * NS_PER_MS;

/** Whether a message may be left out for a newer one of its key. */
export function deliversLatest(values: Readonly<Record<string, string | number | undefined>>): boolean {
  return (values['deliver'] ?? DIMENSIONS.deliver.usual) === 'latest';
}

/** By what a node finds the key of a message: what it is about, so that a newer one of the same key takes its place. */
export const keyRuleSchema = z.discriminatedUnion('kind', [
  /** So many of the first fields of its data, in the feed that goes to all. */
  z.strictObject({ kind: z.literal('data'), fields: z.int().min(1).max(100) }),
  /** Who says it, and in which channel: what counts is where everybody is now. */
  z.strictObject({ kind: z.literal('sender') }),
]);

export type KeyRule = z.output<typeof keyRuleSchema>;

export function keyRuleOf({ feed, payload }: { readonly feed: Feed; readonly payload: Payload }): KeyRule {
  return isOfSenders(feed) ? { kind: 'sender' } : { kind: 'data', fields: keyFieldsOf(payload.kind) };
}

/** Whether in this feed the newest of each sender counts, and what was before is of no use to anybody. */
export function isOfSenders(feed: Feed): boolean {
  return feed.kind === 'rounds';
}

/** Why in such a feed nothing is an older value of anything; undefined where something is. */
export function whyNoValues({ kind }: Feed): string | undefined {
  switch (kind) {
    case 'conversation':
      return 'what people say is no older value of what they say next';
    case 'direct':
    case 'streams':
      return 'none of these messages replaces another';
    case 'fixed':
    case 'poisson':
    case 'rounds':
    case 'none':
      return undefined;
    default:
      return kind satisfies never;
  }
}

/** The key of a message as it lies in the log; undefined where nothing takes its place. */
export function keyOf(message: Buffer, rule: KeyRule): string | undefined {
  switch (rule.kind) {
    case 'data':
      return factsOf(message, rule.fields);
    case 'sender': {
      const speaker = speakerOf(message);
      return speaker === undefined || keepsAll(speaker.channel) ? undefined : streamKey(speaker.channel, speaker.from);
    }
    default:
      return rule satisfies never;
  }
}

/** What is longer is no key: it would be looked at byte by byte, and kept besides the message. */
const MOST_KEY_BYTES = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OBJECT_START = 0x7b;
const OPENING: ReadonlySet<number | undefined> = new Set([OBJECT_START, 0x5b]);
const CLOSING: ReadonlySet<number | undefined> = new Set([0x7d, 0x5d]);

/** The first `fields` fields of the data, byte for byte, found without parsing JSON. Undefined where it is no object, or they are longer than a key. */
function factsOf(message: Buffer, fields: number): string | undefined {
  const start = dataStart(message) + 1;
  if (message[start - 1] !== OBJECT_START) return undefined;
  const end = endOfFields(message, start, fields);
  return end > start ? message.toString('latin1', start, end) : undefined;
}

/** Where the last of so many fields ends; -1 where there are fewer. */
function endOfFields(message: Buffer, start: number, fields: number): number {
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
function endOfString(message: Buffer, start: number, most: number): number {
  let at = start + 1;
  while (at < most && message[at] !== QUOTE) at += message[at] === BACKSLASH ? 2 : 1;
  return at;
}
