import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenIssuer, rulesFor } from '../../scenarios/tokens.ts';
import { readTokenKey } from './token-key.ts';

const SECRET = 'n0b0dy-reads-this-but-its-owner-does';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-keys-'));
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

async function keyFile(text: string | Buffer): Promise<string> {
  const path = join(folder, 'key');
  await writeFile(path, text);
  return path;
}

function pem(key: KeyObject): string {
  const type = key.type === 'private' ? 'pkcs8' : 'spki';
  return key.export({ type, format: 'pem' } as { type: 'spki'; format: 'pem' }).toString();
}

test('a private key, its public one, and a secret are told apart', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const made = readTokenKey(await keyFile(pem(privateKey)));
  expect(rulesFor(made)).toEqual(new TokenIssuer(privateKey).rules);
  expect(made.type).toBe('private');
  const shown = readTokenKey(await keyFile(pem(publicKey)));
  expect(shown.type).toBe('public');
  expect(rulesFor(shown)).toEqual(rulesFor(privateKey));
  const secret = readTokenKey(await keyFile(`${SECRET}\n`));
  expect(secret.type).toBe('secret');
  expect(rulesFor(secret)).toMatchObject({ algorithm: 'HS256', key: Buffer.from(SECRET).toString('base64url') });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const encrypted = generateKeyPairSync('ed25519').privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: SECRET,
});

test.each([
  ['of RSA', pem(rsa), /no key of Ed25519 that can be read without a passphrase; make one with openssl genpkey/],
  ['with a passphrase', encrypted, /no key of Ed25519 that can be read without a passphrase/],
  ['that is damaged', '-----BEGIN PRIVATE KEY-----\nn0b0dy\n-----END PRIVATE KEY-----\n', /no key of Ed25519/],
  ['that is short', 'n0b0dy-reads-this', /has neither a key as PEM nor 32 bytes of text/],
  ['that is no text', Buffer.alloc(64, 0xff), /has neither a key as PEM nor 32 bytes of text|UTF-16/],
  ['that is empty', '', /cannot read the key .*: it is empty/],
])('a key %s is refused in a line without a word of it', async (_, text, says) => {
  const path = await keyFile(text);
  expect(() => readTokenKey(path)).toThrow(says);
  expect(() => readTokenKey(path)).not.toThrow(/n0b0dy/);
});

test('a file that is not there is named', () => {
  expect(() => readTokenKey(join(folder, 'none'))).toThrow(/cannot read the key .*none: ENOENT/);
});
