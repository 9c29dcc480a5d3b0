import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { Failure } from '../../scenarios/failures.ts';
import { rulesFor, TokenIssuer, type TokenRules } from '../../scenarios/tokens.ts';
import { TokenVerifier } from './verifier.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const issuer = new TokenIssuer(key);

afterEach(() => vi.useRealTimers());

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}

test.each([
  ['a pair of Ed25519 keys', issuer],
  ['a secret', new TokenIssuer(createSecretKey(randomBytes(32)))],
])('a token that was made with %s is good, and says who and until when', async (_, { rules }) => {
  const one =
    rules.algorithm === 'EdDSA' ? issuer : new TokenIssuer(createSecretKey(Buffer.from(rules.key, 'base64url')));
  const expiresAtS = nowS() + 60;
  expect(await new TokenVerifier(rules).verify(await one.issue('ann', expiresAtS))).toEqual({
    kind: 'admitted',
    identity: { user: 'ann', expiresAtMs: expiresAtS * 1000 },
  });
});

test('a token of the same key in another algorithm is not', async () => {
  const secret = new TokenIssuer(createSecretKey(randomBytes(32)));
  const token = await secret.issue('ann', nowS() + 60);
  expect(await new TokenVerifier(issuer.rules).verify(token)).toMatchObject({ refusal: 'bad-token' });
  expect(await new TokenVerifier(secret.rules).verify(await issuer.issue('ann', nowS() + 60))).toMatchObject({
    refusal: 'bad-token',
  });
});

test('no clock is tolerated: a token ends when it says, also one that is remembered', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(1_000_000_500);
  const verifier = new TokenVerifier(issuer.rules);
  const token = await issuer.issue('ann', 1_000_010);
  const later = await issuer.issue('ann', 1_000_009);
  expect(await verifier.verify(token)).toMatchObject({ kind: 'admitted' });
  vi.setSystemTime(1_000_009_999);
  expect(await verifier.verify(token)).toMatchObject({ kind: 'admitted' });
  expect(await verifier.verify(later)).toMatchObject({ refusal: 'expired-token' });
  vi.setSystemTime(1_000_010_000);
  expect(await verifier.verify(token)).toMatchObject({ refusal: 'expired-token' });
  expect(verifier.known).toBe(0);
});

test('a part of a second counts', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(1_000_000_000);
  const token = await issuer.issue('ann', 1_000_000.5);
  const verifier = new TokenVerifier(issuer.rules);
  expect(await verifier.verify(token)).toMatchObject({ identity: { expiresAtMs: 1_000_000_500 } });
  vi.setSystemTime(1_000_000_600);
  expect(await new TokenVerifier(issuer.rules).verify(token)).toMatchObject({ refusal: 'expired-token' });
});

test('a token is verified once, and of those that are remembered the one that was shown longest ago goes', async () => {
  const verifier = new TokenVerifier(issuer.rules, 2);
  const [first = '', second = '', third = ''] = await Promise.all(
    ['ann', 'ben', 'cem'].map(async (user) => issuer.issue(user, nowS() + 60)),
  );
  const before = await verifier.verify(first);
  await verifier.verify(second);
  // The same object: nothing was read anew.
  expect(await verifier.verify(first)).toBe(before);
  await verifier.verify(third);
  expect(verifier.known).toBe(2);
  expect(await verifier.verify(first)).toBe(before);
  await verifier.verify(second);
  await verifier.verify(third);
  expect(await verifier.verify(first)).not.toBe(before);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const good = rulesFor(key);

test.each<[string, TokenRules]>([
  ['of RSA', { ...good, key: rsa.export({ type: 'spki', format: 'pem' }).toString() }],
  ['that is no PEM', { ...good, key: 'n0b0dy-reads-this' }],
  ['that is short', { ...good, algorithm: 'HS256', key: Buffer.from('n0b0dy-reads-this').toString('base64url') }],
])('a key %s is refused without a word of it', (_, rules) => {
  const open = (): TokenVerifier => new TokenVerifier(rules);
  expect(open).toThrow(Failure);
  expect(open).toThrow(/^the (?:key|secret) that tokens are verified with/);
  expect(open).not.toThrow(rules.key.slice(0, 12));
});
