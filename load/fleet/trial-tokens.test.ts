import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { trialTokens } from './trial-tokens.ts';

const HOUR_NS = 3_600_000_000_000;

function specOf(auth: ValueOf<'auth'> | undefined, windowNs = HOUR_NS): TrialSpec {
  const values = auth === undefined ? {} : { auth };
  return {
    variant: { transport: 'websocket', backplane: 'memory', values },
    generator: 'native',
    clients: 2,
    trial: 1,
    copy: false,
    attempt: 1,
    workload: loadWorkload('ticker'),
    seed: 1,
    warmUpNs: 0,
    windowNs,
  };
}

test('where nodes believe anybody there are no tokens', () => {
  expect(trialTokens(specOf(undefined))).toBeUndefined();
  expect(trialTokens(specOf('none'))).toBeUndefined();
});

test('a token is of its user, outlasts the trial, and is of a key that no other trial has', async () => {
  const [one, other] = [trialTokens(specOf('url')), trialTokens(specOf('url'))];
  const token = (await one?.issue('u1')) ?? '';
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA' });
  const { sub, exp = 0 } = decodeJwt(token);
  expect(sub).toBe('u1');
  expect(exp - Date.now() / 1000).toBeGreaterThan(3600 + 60);
  expect(one?.rules.key).toMatch(/^-----BEGIN PUBLIC KEY/);
  expect(other?.rules.key).not.toBe(one?.rules.key);
});
