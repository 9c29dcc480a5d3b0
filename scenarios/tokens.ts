import { createPublicKey, generateKeyPairSync, type KeyObject, type webcrypto } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';

/** Whose tokens (RFC 7519) are good: what whoever verifies them is told, and whoever makes them goes by. */
export const tokenRulesSchema = z.strictObject({
  /** Signed with a pair of Ed25519 keys (RFC 8037), or with a secret that both sides have. No token chooses. */
  algorithm: z.enum(['EdDSA', 'HS256']),
  /** The public key as PEM; or the secret in base64url. */
  key: z.string(),
  issuer: z.string().min(1),
  audience: z.string().min(1),
});

export type TokenRules = z.output<typeof tokenRulesSchema>;

/** What WebCrypto calls the kinds of key. */
export const KEY_PARAMETERS = {
  EdDSA: { name: 'Ed25519' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
} as const satisfies Record<TokenRules['algorithm'], object>;

/** A secret has as many bytes as its hash at least (RFC 7518, section 3.2). */
export const LEAST_SECRET_BYTES = 32;

const OURS = { issuer: 'feedbench', audience: 'feedbench' } as const;

/** Of a key of Ed25519, public or private, or of a secret. */
export function rulesFor(key: KeyObject): TokenRules {
  if (key.type === 'secret') return { algorithm: 'HS256', key: key.export().toString('base64url'), ...OURS };
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return { algorithm: 'EdDSA', key: publicKey.export({ type: 'spki', format: 'pem' }).toString(), ...OURS };
}

/** Makes tokens that are good by its rules. */
export class TokenIssuer {
  readonly rules: TokenRules;
  readonly #key: webcrypto.CryptoKey;

  /** With a private key of Ed25519, or a secret. */
  constructor(key: KeyObject) {
    this.rules = rulesFor(key);
    this.#key = key.toCryptoKey(KEY_PARAMETERS[this.rules.algorithm], false, ['sign']);
  }

  /** Good from now on, until then. */
  async issue(user: string, expiresAtS: number): Promise<string> {
    const { algorithm, issuer, audience } = this.rules;
    return new SignJWT()
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setSubject(user)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expiresAtS)
      .sign(this.#key);
  }
}

/** With a key of its own, which stands in no file and goes with it. */
export function newTokenIssuer(): TokenIssuer {
  return new TokenIssuer(generateKeyPairSync('ed25519').privateKey);
}
