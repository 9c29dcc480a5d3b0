import { Failure } from '../../scenarios/failures.ts';
import { printable } from '../../scenarios/printable.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';

/** What to do where a server does not want what it is asked; whoever goes on would be a nuisance, or an attack. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'it wants to know who asks: give the adapter "headers" with a token or a cookie',
  403: 'these clients may not be here: give the adapter "headers" that may',
  429: 'it wants no more load: ask for fewer clients or messages, and not before the time that it says',
  503: 'it is overloaded, or down: ask for fewer clients, or later',
};

/** Why a target is not to be loaded any further; undefined where an end says nothing of the kind. */
export function refusalOf(end: SessionEnd): Failure | undefined {
  if (end.code !== 'http-status') return undefined;
  const { status, text = '' } = end;
  const remedy = REMEDIES[status] ?? (status >= 300 && status < 400 ? 'give the address to which it sends' : undefined);
  return remedy === undefined
    ? undefined
    : new Failure('target-refused', `the target answered ${status} ${printable(text)}`.trimEnd().concat(`: ${remedy}`));
}
