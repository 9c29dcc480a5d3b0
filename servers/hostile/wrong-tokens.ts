import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Refusal } from '../hub/admission.ts';
import { rulesFor } from '../../scenarios/tokens.ts';

/** With what a token is forged here: as text, by no library that has an opinion on it. */
interface Forge {
  /** A private key of Ed25519: that of whoever may issue tokens. */
  readonly key: KeyObject;
  /** Makes a token another one than the last. */
  readonly number: number;
}

type Claims = Readonly<Record<string, unknown>>;
type Sign = (text: string) => Buffer;

interface WrongToken {
  readonly make: (forge: Forge) => string;
  readonly refusal: Extract<Refusal, 'bad-token' | 'expired-token'>;
  /** Too long for a head of HTTP, a cookie or a frame. */
  readonly isHuge?: true;
}

const HUGE_BYTES = 1_000_000;
const HEADER = { alg: 'EdDSA', typ: 'JWT' };
const stranger = generateKeyPairSync('ed25519').privateKey;

/** What a token says that is good for a minute. */
function goodClaims({ key, number }: Forge): Claims {
  const { issuer, audience } = rulesFor(key);
  return { sub: 'mallory', iss: issuer, aud: audience, exp: inSeconds(60), jti: number };
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

function byKey(key: KeyObject): Sign {
  return (text) => sign(null, Buffer.from(text), key);
}

function encoded(header: object, claims: Claims, signed: Sign): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${signed(text).toString('base64url')}`;
}

/** Signed as it should be, and claiming something else. */
function claiming(change: Claims | (() => Claims)): (forge: Forge) => string {
  return (forge) => {
    const changed = { ...goodClaims(forge), ...(typeof change === 'function' ? change() : change) };
    return encoded(HEADER, changed, byKey(forge.key));
  };
}

function unsigned(algorithm: string): (forge: Forge) => string {
  return (forge) => encoded({ alg: algorithm, typ: 'JWT' }, goodClaims(forge), () => Buffer.alloc(0));
}

/** The header asks for a secret, and a public key is no secret (CVE-2015-9235). */
function byPublicKey(forge: Forge): string {
  const secret = rulesFor(forge.key).key;
  const signed: Sign = (text) => createHmac('sha256', secret).update(text).digest();
  return encoded({ alg: 'HS256', typ: 'JWT' }, goodClaims(forge), signed);
}

function exchanged(forge: Forge): string {
  const [header = '', , signature = ''] = encoded(HEADER, goodClaims(forge), byKey(forge.key)).split('.');
  const claims = Buffer.from(JSON.stringify({ ...goodClaims(forge), sub: 'ann' })).toString('base64url');
  return [header, claims, signature].join('.');
}

/** Tokens that are good nowhere: `ann` would be let in with one that is as it should be. */
const WRONG_TOKENS = {
  'algorithm none': { make: unsigned('none'), refusal: 'bad-token' },
  'algorithm None': { make: unsigned('None'), refusal: 'bad-token' },
  'signed with another key': {
    make: (forge) => encoded(HEADER, goodClaims(forge), byKey(stranger)),
    refusal: 'bad-token',
  },
  'signed with the public key as a secret': { make: byPublicKey, refusal: 'bad-token' },
  'signed for other claims': { make: exchanged, refusal: 'bad-token' },
  expired: { make: claiming(() => ({ exp: inSeconds(-1) })), refusal: 'expired-token' },
  'expired long ago': { make: claiming({ exp: 1 }), refusal: 'expired-token' },
  'not yet valid': { make: claiming(() => ({ nbf: inSeconds(60) })), refusal: 'bad-token' },
  'without an end': { make: claiming({ exp: undefined }), refusal: 'bad-token' },
  'with an end that is no time': { make: claiming({ exp: '2099-01-01' }), refusal: 'bad-token' },
  'with an end beyond all times': { make: claiming({ exp: 1e300 }), refusal: 'bad-token' },
  'of another issuer': { make: claiming({ iss: 'elsewhere' }), refusal: 'bad-token' },
  'for another audience': { make: claiming({ aud: 'elsewhere' }), refusal: 'bad-token' },
  'for no audience': { make: claiming({ aud: undefined }), refusal: 'bad-token' },
  'of nobody': { make: claiming({ sub: undefined }), refusal: 'bad-token' },
  'of a user that is no name': { make: claiming({ sub: 'ann"},{' }), refusal: 'bad-token' },
  'of a user that is a number': { make: claiming({ sub: 5 }), refusal: 'bad-token' },
  'with a header that must be understood': {
    make: (forge) => encoded({ ...HEADER, crit: ['new'], new: 1 }, goodClaims(forge), byKey(forge.key)),
    refusal: 'bad-token',
  },
  'of claims that are no object': {
    make: (forge) => encoded(HEADER, [goodClaims(forge)] as unknown as Claims, byKey(forge.key)),
    refusal: 'bad-token',
  },
  'of 1 MB': { make: claiming({ rest: 'x'.repeat(HUGE_BYTES) }), refusal: 'bad-token', isHuge: true },
  'of 5 kB': { make: claiming({ rest: 'x'.repeat(5000) }), refusal: 'bad-token' },
  garbage: { make: () => randomBytes(200).toString('base64url'), refusal: 'bad-token' },
  'garbage in three parts': {
    make: () => [30, 100, 64].map((bytes) => randomBytes(bytes).toString('base64url')).join('.'),
    refusal: 'bad-token',
  },
  dots: { make: ({ number }) => '.'.repeat(1 + (number % 5)), refusal: 'bad-token' },
} as const satisfies Record<string, WrongToken>;

export type WrongTokenId = keyof typeof WRONG_TOKENS;
export const WRONG_TOKEN_IDS = Object.keys(WRONG_TOKENS) as WrongTokenId[];

/** A token that is good for a minute, forged the same way, with so many characters of no meaning in it. */
export function goodToken(forge: Forge, rest = 0): string {
  return encoded(HEADER, { ...goodClaims(forge), sub: 'ann', rest: 'x'.repeat(rest) }, byKey(forge.key));
}

export function wrongToken(id: WrongTokenId): WrongToken {
  return WRONG_TOKENS[id];
}
