import type { Departure } from '../transport.ts';
import { REFUSALS, type Refusal, TOO_MANY_CONNECTIONS } from '../hub/admission.ts';

/** With what a connection is closed: a code and, in 123 bytes at most, why. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/**
 * What this door closes connections for, besides the refusals that all doors have: codes of RFC 6455, section 7.4.1, and of the
 * IANA registry. Where a client breaks the protocol, ws closes by itself: 1002, 1007, 1009.
 */
export const CLOSES = {
  unknownTalker: { code: 1009, reason: 'too much from a client that has not said who it is' },
  fault: { code: 1011, reason: 'a fault of the server' },
  tooManyConnections: { code: 1013, reason: TOO_MANY_CONNECTIONS },
  tooManyGuests: { code: 1013, reason: 'too many have not said who they are: come back later' },
} as const satisfies Record<string, Close>;

/** A node that comes back says so. */
export const GOODBYES = {
  'for-good': { code: 1001, reason: 'server shutting down' },
  restart: { code: 1012, reason: 'server shutting down' },
} as const satisfies Record<Departure, Close>;

export function closeForSlowness(reason: string): Close {
  return { code: 1008, reason };
}

export function closeFor(refusal: Refusal): Close {
  const { closeCode, error } = REFUSALS[refusal];
  return { code: closeCode, reason: error };
}
