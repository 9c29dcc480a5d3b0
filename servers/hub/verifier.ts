import { createPublicKey, createSecretKey, hash, type KeyObject, type webcrypto } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { Failure } from '../../scenarios/failures.ts';
import { KEY_PARAMETERS, LEAST_SECRET_BYTES, type TokenRules } from '../../scenarios/tokens.ts';
import type { Admission, Refusal, Verifier } from './admission.ts';
import { isNamed } from './credentials.ts';

/** No cookie may be longer (RFC 6265, section 6.1), and nothing longer is hashed, parsed or held against a key. */
export const MOST_TOKEN_CHARACTERS = 4096;
/** Header, claims and signature in base64url (RFC 7515, section 3.1). */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** About 200 bytes each. */
const MOST_KNOWN = 65_536;

interface Known {
  readonly admission: Admission;
  readonly expiresAtMs: number;
}

/**
 * Verifies tokens by the library `jose`, each once: a client that polls shows the same one again and again. What was good is
 * remembered until it expires, or until so many others were shown since; of what was not good nothing is kept. A token is known
 * by its hash, so none stays in memory.
 */
export class TokenVerifier implements Verifier {
  readonly #rules: TokenRules;
  readonly #key: webcrypto.CryptoKey;
  readonly #mostKnown: number;
  /** Those that were shown longest ago first. */
  readonly #known = new Map<string, Known>();

  /** Throws `usage` where the key is none of its algorithm. */
  constructor(rules: TokenRules, mostKnown = MOST_KNOWN) {
    this.#rules = rules;
    this.#key = verifyingKey(rules);
    this.#mostKnown = mostKnown;
  }

  /** How many are remembered at the moment. */
  get known(): number {
    return this.#known.size;
  }

  async verify(token: string): Promise<Admission> {
    if (token.length > MOST_TOKEN_CHARACTERS || !COMPACT.test(token)) return refused('bad-token');
    const name = hash('sha256', token, 'base64');
    const known = this.#known.get(name) ?? (await this.#ask(token));
    this.#known.delete(name);
    if (typeof known === 'string') return refused(known);
    // The library takes whole seconds, and what was remembered may have expired.
    if (known.expiresAtMs <= Date.now()) return refused('expired-token');
    this.#remember(name, known);
    return known.admission;
  }

  /** Whatever stands in a token, it is no fault of ours: all that the library throws says that it is not good. */
  async #ask(token: string): Promise<Known | Refusal> {
    const { algorithm, issuer, audience } = this.#rules;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [algorithm],
        issuer,
        audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 0,
      });
      const { sub: user, exp = Number.NaN } = payload;
      const expiresAtMs = exp * 1000;
      // The library looks at the type of none but the times.
      if (typeof user !== 'string' || !isNamed(user) || !Number.isSafeInteger(Math.floor(expiresAtMs)))
        return 'bad-token';
      return { admission: { kind: 'admitted', identity: { user, expiresAtMs } }, expiresAtMs };
    } catch (error) {
      return error instanceof errors.JWTExpired ? 'expired-token' : 'bad-token';
    }
  }

  #remember(name: string, known: Known): void {
    this.#known.set(name, known);
    if (this.#known.size <= this.#mostKnown) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

function refused(refusal: Refusal): Admission {
  return { kind: 'refused', refusal };
}

function verifyingKey({ algorithm, key }: TokenRules): webcrypto.CryptoKey {
  return keyObject(algorithm, key).toCryptoKey(KEY_PARAMETERS[algorithm], false, ['verify']);
}

/** What is wrong with a key is said without a word of it. */
function keyObject(algorithm: TokenRules['algorithm'], text: string): KeyObject {
  switch (algorithm) {
    case 'EdDSA': {
      const key = publicKeyIn(text);
      if (key?.asymmetricKeyType === 'ed25519') return key;
      throw new Failure('usage', 'the key that tokens are verified with is no public key of Ed25519 as PEM');
    }
    case 'HS256': {
      const secret = Buffer.from(text, 'base64url');
      if (secret.length >= LEAST_SECRET_BYTES) return createSecretKey(secret);
      throw new Failure('usage', `the secret that tokens are verified with has less than ${LEAST_SECRET_BYTES} bytes`);
    }
    default:
      return algorithm satisfies never;
  }
}

function publicKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
