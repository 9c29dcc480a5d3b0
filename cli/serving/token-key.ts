import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { readTextFile } from '../../scenarios/text-file.ts';
import { LEAST_SECRET_BYTES, rulesFor } from '../../scenarios/tokens.ts';
import { commandText } from '../command-text.ts';

const MOST_BYTES = 64 * 1024;
const MAKE_ONE = 'make one with openssl genpkey -algorithm ed25519 -out key.pem';
/** What a decoder puts in the place of what is no text. */
const NO_TEXT = '\uFFFD';

/**
 * The key of a file: one of Ed25519 as PEM, private or public; of a file that has no PEM its text, without a line break at its end,
 * as a secret. Throws `unreadable` or `usage`, without a word of what is in it.
 */
export function readTokenKey(path: string): KeyObject {
  const text = readText(path);
  if (!text.includes('-----BEGIN ')) return secretOf(text, path);
  const key = pemKeyOf(text);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new Failure('usage', `${path} has no key of Ed25519 that can be read without a passphrase; ${MAKE_ONE}`);
}

/** What whoever looks at a node that wants tokens must know: how to make one, and where to show it. */
export function tokenText(key: KeyObject, path: string): string {
  const { algorithm, issuer, audience } = rulesFor(key);
  const claims = `iss ${issuer}, aud ${audience}, sub (the user) and exp`;
  const make =
    key.type === 'public'
      ? `a token is made with the private key that belongs to ${path}: ${algorithm}, with ${claims}`
      : `TOKEN=$(${commandText(['token', '--key', path, '--user', 'ann'])}) makes a token: ${algorithm}, with ${claims}`;
  return [
    'Every client must show a token.',
    `  ${make}`,
    '  show it with -H "Authorization: Bearer $TOKEN" (curl, wscat), as ?token=…, or in the cookie feedbench_token',
  ].join('\n');
}

function readText(path: string): string {
  try {
    return readTextFile(path, MOST_BYTES);
  } catch (error) {
    throw new Failure('unreadable', `cannot read the key ${path}: ${errorMessage(error)}; ${MAKE_ONE}`, {
      cause: error,
    });
  }
}

function secretOf(text: string, path: string): KeyObject {
  const secret = Buffer.from(text.replace(/\r?\n$/, ''));
  if (secret.length >= LEAST_SECRET_BYTES && !text.includes(NO_TEXT)) return createSecretKey(secret);
  throw new Failure(
    'usage',
    `${path} has neither a key as PEM nor ${LEAST_SECRET_BYTES} bytes of text, as a secret has at least; ${MAKE_ONE}`,
  );
}

function pemKeyOf(text: string): KeyObject | undefined {
  try {
    return text.includes('PRIVATE KEY-----') ? createPrivateKey(text) : createPublicKey(text);
  } catch {
    return undefined;
  }
}
