import { derivedRandom, pick, type Random } from './random.ts';

/** A kind of message: what is in it, and what it is about. */
interface Kind {
  readonly facts: (random: Random) => object;
  /** So many of the first facts say what a message is about: a later message with the same ones takes its place. */
  readonly keyFields: number;
  /** Room for the longest facts. */
  readonly leastBytes: number;
}

/** What apps of this sort send, made from a seed: the n-th message of a feed has the same bytes on every machine. */
const KINDS = {
  'stock-prices': {
    facts: (random: Random) => {
      const price = 20 + random() * 400;
      const change = (random() - 0.5) * 4;
      return {
        symbol: pick(random, ['ACME', 'GLOBX', 'INITC', 'HOOLI', 'UMBRL', 'STARK', 'WAYNE', 'CYBDN']),
        price: cents(price),
        change: cents(change),
        bid: cents(price - 0.01 - random() * 0.05),
        ask: cents(price + 0.01 + random() * 0.05),
        volume: 100 + Math.floor(random() * 99_900),
      };
    },
    keyFields: 1,
    leastBytes: 150,
  },
  'match-scores': {
    facts: (random: Random) => ({
      league: pick(random, ['Northern Cup', 'Coast League', 'Capital Shield']),
      home: pick(random, TEAMS),
      away: pick(random, TEAMS),
      score: [Math.floor(random() * 5), Math.floor(random() * 5)],
      minute: 1 + Math.floor(random() * 90),
    }),
    // A match is two teams in a league.
    keyFields: 3,
    leastBytes: 150,
  },
  'chat-messages': {
    facts: (random: Random) => ({
      id: Math.floor(random() * 2 ** 32).toString(36),
      mood: pick(random, ['calm', 'glad', 'cross', 'tired']),
    }),
    // What somebody says is a thing of its own.
    keyFields: 1,
    leastBytes: 150,
  },
  tokens: {
    facts: (random: Random) => ({
      id: Math.floor(random() * 2 ** 32).toString(36),
      role: 'assistant',
      delta: pick(random, WORDS),
    }),
    keyFields: 1,
    leastBytes: 80,
  },
  cursors: {
    facts: (random: Random) => ({
      x: Math.floor(random() * 3840),
      y: Math.floor(random() * 2160),
      tool: pick(random, ['select', 'draw', 'text']),
    }),
    // Where somebody's cursor is: who says it is no part of the data.
    keyFields: 1,
    leastBytes: 56,
  },
  'game-states': {
    facts: (random: Random) => ({
      tick: Math.floor(random() * 1e6),
      x: cents(random() * 1000),
      y: cents(random() * 1000),
      turn: cents(random() * 6),
      fires: random() < 0.2,
    }),
    keyFields: 1,
    leastBytes: 96,
  },
  'game-inputs': {
    facts: (random: Random) => ({
      seen: Math.floor(random() * 1e6),
      keys: pick(random, ['', 'w', 'wd', 'wa', 's', 'w ', 'a', 'd']),
      aim: cents(random() * 6),
    }),
    // What somebody does is a thing of its own.
    keyFields: 1,
    leastBytes: 52,
  },
  notifications: {
    facts: (random: Random) => ({
      id: Math.floor(random() * 2 ** 32).toString(36),
      about: pick(random, ['mention', 'reply', 'review', 'delivery', 'payment', 'reminder']),
    }),
    keyFields: 1,
    leastBytes: 64,
  },
} as const satisfies Record<string, Kind>;

const TEAMS = ['Rovers', 'United', 'Athletic', 'Wanderers', 'Rangers', 'Albion', 'County', 'Harriers'] as const;
/** With the space behind them: putting it there for each of a long text took longer than all the rest. */
const WORDS = [
  'after ',
  'strong ',
  'early ',
  'pressure ',
  'a ',
  'late ',
  'turn ',
  'holds ',
  'the ',
  'line ',
  'with ',
  'little ',
  'in ',
  'reserve ',
] as const;

export type PayloadKind = keyof typeof KINDS;
export const PAYLOAD_KINDS = Object.keys(KINDS) as [PayloadKind, ...PayloadKind[]];

/** The `data` of message `index` as JSON text of exactly `bytes` bytes (ASCII): the facts, then commentary to fill up. */
export function payloadData(payload: { kind: PayloadKind; bytes: number }, seed: number, index: number): string {
  const random = derivedRandom(seed, index);
  const facts = JSON.stringify(KINDS[payload.kind].facts(random));
  const head = `${facts.slice(0, -1)},"text":"`;
  const room = payload.bytes - head.length - '"}'.length;
  if (room < 0) throw new RangeError(`a ${payload.kind} message needs ${head.length + 2} bytes, not ${payload.bytes}`);
  return `${head}${commentary(random, room)}"}`;
}

export function isPayloadKind(kind: string): kind is PayloadKind {
  return Object.hasOwn(KINDS, kind);
}

/** Bytes in which any message of the kind has room. */
export function leastPayloadBytes(kind: PayloadKind): number {
  return KINDS[kind].leastBytes;
}

/** How many of the first fields of such data say what a message is about. */
export function keyFieldsOf(kind: PayloadKind): number {
  return KINDS[kind].keyFields;
}

/** What message `index` is about, from the seed alone: equal where a later one takes the place of an earlier one. */
export function payloadKey(kind: PayloadKind, seed: number, index: number): string {
  const { facts, keyFields } = KINDS[kind];
  return JSON.stringify(Object.values(facts(derivedRandom(seed, index))).slice(0, keyFields));
}

function commentary(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += pick(random, WORDS);
  return text.slice(0, length);
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
