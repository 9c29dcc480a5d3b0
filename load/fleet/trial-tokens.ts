import { DIMENSIONS } from '../../scenarios/dimensions.ts';
import { newTokenIssuer, type TokenRules } from '../../scenarios/tokens.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import type { TrialSpec } from '../trial-spec.ts';

/** What the clients of a trial show, and by what its nodes know that it is good. */
export interface TrialTokens {
  readonly rules: TokenRules;
  readonly issue: (user: string) => Promise<string>;
}

/** Starting, connecting and draining, however many clients there are. */
const MARGIN_S = 3600;

/**
 * Tokens made with a pair of keys that is this trial's own; undefined where its nodes believe anybody. They outlast the trial.
 */
export function trialTokens({ variant, warmUpNs, windowNs }: TrialSpec): TrialTokens | undefined {
  const { auth = DIMENSIONS.auth.usual } = variant.values;
  if (auth === DIMENSIONS.auth.usual) return undefined;
  const issuer = newTokenIssuer();
  const expiresAtS = Math.ceil(Date.now() / 1000 + (warmUpNs + windowNs) / NS_PER_SECOND) + MARGIN_S;
  return { rules: issuer.rules, issue: async (user) => issuer.issue(user, expiresAtS) };
}
