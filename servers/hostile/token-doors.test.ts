import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { type DimensionValues, DIMENSIONS, type ValueOf } from '../../scenarios/dimensions.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { rulesFor } from '../../scenarios/tokens.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from '../registry.ts';
import { inLanes } from '../testing/lanes.ts';
import { openTestNode } from '../testing/test-node.ts';
import { subscribe } from '../testing/test-subscriber.ts';
import { fuzzSetting } from './fuzz-settings.ts';
import { goodToken, WRONG_TOKEN_IDS, type WrongTokenId, wrongToken } from './wrong-tokens.ts';

/** At each door; `make fuzz` has twenty times as many. */
const TOKENS = fuzzSetting('FUZZ_TOKENS', 500);
const PATIENCE_MS = 300_000;
const LANES = 32;
const WAYS = Object.keys(DIMENSIONS.auth.values.of) as ValueOf<'auth'>[];

const key = generateKeyPairSync('ed25519').privateKey;

interface Knock {
  readonly id: WrongTokenId;
  readonly way: ValueOf<'auth'>;
  readonly token: string;
}

function waysOf(transport: TransportId): ValueOf<'auth'>[] {
  const only = transportRow(transport).dimensions.auth?.only ?? WAYS;
  return WAYS.filter((way) => way !== 'none' && only.includes(way));
}

/** Every kind in every way, again and again, no token twice but the longest, which takes long to make. */
function knocksAt(transport: TransportId): Knock[] {
  const ways = waysOf(transport);
  const huge = new Map<WrongTokenId, string>();
  return Array.from({ length: TOKENS }, (_, number) => {
    const id = WRONG_TOKEN_IDS[number % WRONG_TOKEN_IDS.length] ?? 'garbage';
    const way = ways[Math.floor(number / WRONG_TOKEN_IDS.length) % ways.length] ?? 'url';
    const { make, isHuge } = wrongToken(id);
    const token = huge.get(id) ?? make({ key, number });
    if (isHuge === true) huge.set(id, token);
    return { id, way, token };
  });
}

/** Whoever says too much may find the connection gone before the answer was read. */
const TOO_MUCH = [
  'http-status 431',
  'websocket-close 1009',
  'websocket-close 1006',
  'connection-lost EPIPE',
  'connection-lost ECONNRESET',
  'connection-closed',
];

/** How the doors say that a token is not good: none of them tells in which way it was shown. */
const OVER_HTTP = 'http-status 401';
const REFUSED: Readonly<Partial<Record<TransportId, string>>> = {
  // A page sees the code of a close, and of an answer over HTTP nothing.
  websocket: 'websocket-close 4001',
  socketio: 'socketio-packet connect-error 4001',
};

function expected(transport: TransportId, id: WrongTokenId): readonly string[] {
  return wrongToken(id).isHuge === true ? TOO_MUCH : [REFUSED[transport] ?? OVER_HTTP];
}

function codeOf(end: SessionEnd): string {
  const { text: _words, ...coded } = { text: undefined, ...end };
  return Object.values(coded).join(' ');
}

async function knock(place: { transport: TransportId; port: number }, { way, token }: Knock): Promise<string> {
  const values: DimensionValues = { auth: way, headers: 'minimal' };
  const member = { user: 'mallory', token, channels: ['feed'] };
  const subscriber = await subscribe({ ...place, values, member });
  subscriber.close();
  return subscriber.end === undefined ? 'let in' : codeOf(subscriber.end);
}

test.each(TRANSPORT_IDS)(
  `${TOKENS} wrong tokens are refused at the door of %s`,
  { timeout: PATIENCE_MS },
  async (transport) => {
    await using node = await openTestNode({ transport, tokens: rulesFor(key) });
    const place = { transport, port: node.port };
    await node.append('for those who are let in');
    const knocks = knocksAt(transport);
    const wrong = new Map<string, number>();
    const knockOnce = async (at: number): Promise<void> => {
      const one = knocks[at];
      if (one === undefined) return;
      const seen = await knock(place, one);
      if (expected(transport, one.id).includes(seen)) return;
      const what = `${one.way}, ${one.id}: ${seen}`;
      wrong.set(what, (wrong.get(what) ?? 0) + 1);
    };
    await inLanes(knocks.length, knockOnce, LANES);
    expect(Object.fromEntries(wrong)).toEqual({});
    for (const way of waysOf(transport)) {
      const member = { user: 'ann', token: goodToken({ key, number: 0 }), channels: ['feed'] };
      const friend = await subscribe({ ...place, values: { auth: way }, member });
      await friend.until(({ told }) => told.some((one) => one.kind === 'message'));
      friend.close();
    }
  },
);
