import { Failure } from '../../scenarios/failures.ts';
import { TokenIssuer } from '../../scenarios/tokens.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { readTokenKey } from '../serving/token-key.ts';
import { exitCodeOfPrinting, print } from '../terminal.ts';

export interface TokenChoices {
  /** The path of a file. */
  readonly key: string;
  readonly user: string;
  readonly goodForNs: number;
}

/** Prints a token that is good at a node which was given the same key, or the public one of it; returns the exit code. */
export async function token({ key: path, user, goodForNs }: TokenChoices): Promise<number> {
  const key = readTokenKey(path);
  if (key.type === 'public')
    throw new Failure(
      'usage',
      `${path} has a public key: a token is made with the private one, which stays with its owner`,
    );
  print(await new TokenIssuer(key).issue(user, Math.ceil(Date.now() / 1000 + goodForNs / NS_PER_SECOND)));
  return exitCodeOfPrinting();
}
