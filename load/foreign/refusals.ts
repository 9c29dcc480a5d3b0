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

const NOT_TRUSTED =
  'nobody whom this machine trusts vouches for its certificate: set NODE_EXTRA_CA_CERTS to a file with that of its authority';
const NO_TLS = 'it does not speak TLS there: begin --target with ws: or http:, or correct its port';

/** By what OpenSSL and Node call it: what is wrong with how a server proves who it is, and what to do. */
const DISTRUST: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: have it renewed, or see whether the clock of this machine is right',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: see whether the clocks are right',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is of another name: give --target a name that stands in it, or have it made for this one',
  // Another that has the same name is trusted.
  CERT_SIGNATURE_FAILURE: NOT_TRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
};

/** Undefined where `code` is of something else than of how servers prove who they are. */
export function distrustOf(place: string, code: string): Failure | undefined {
  const remedy = DISTRUST[code];
  return remedy === undefined ? undefined : new Failure('target-unreachable', `${place}: ${remedy} (${code})`);
}
