import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { rulesFor } from '../../scenarios/tokens.ts';
import { MOST_TOKEN_CHARACTERS, TokenVerifier } from '../hub/verifier.ts';
import { goodToken, WRONG_TOKEN_IDS, wrongToken } from './wrong-tokens.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const rules = rulesFor(key);

test('what is forged here is let in where nothing is wrong with it', async () => {
  expect(await new TokenVerifier(rules).verify(goodToken({ key, number: 1 }))).toMatchObject({
    identity: { user: 'ann' },
  });
});

test.each(WRONG_TOKEN_IDS)('a token is refused that is %s, and nothing of it is kept', async (id) => {
  const { make, refusal } = wrongToken(id);
  const verifier = new TokenVerifier(rules);
  for (let number = 0; number < 5; number++)
    expect(await verifier.verify(make({ key, number }))).toEqual({ kind: 'refused', refusal });
  expect(verifier.known).toBe(0);
});

test(`a token may have up to ${MOST_TOKEN_CHARACTERS} characters, as a cookie may`, async () => {
  const verifier = new TokenVerifier(rules);
  const tokens = Array.from({ length: 200 }, (_, index) => goodToken({ key, number: 1 }, 2700 + index));
  const isLet = await Promise.all(tokens.map(async (token) => (await verifier.verify(token)).kind === 'admitted'));
  expect(isLet).toEqual(tokens.map(({ length }) => length <= MOST_TOKEN_CHARACTERS));
  expect(new Set(isLet).size).toBe(2);
});
