import type { Random } from '../feed/random.ts';
import type { ProtocolCause, SessionEnd } from '../session-end.ts';

/**
 * How a client comes back whose connection has ended: how long it waits before each try, when it gives up, and after which
 * ends nobody comes back. A value, so that clients of all kinds, and the simulation, do the same by it.
 */
export interface ReconnectPolicy {
  /** Before the first try, as far as nothing is left to chance. */
  readonly baseMs: number;
  /** How many times longer it waits after each try that failed. */
  readonly factor: number;
  readonly capMs: number;
  /** Tries in a row that may fail; beginning anew with each connection that stands. */
  readonly retries: number;
  readonly jitter: Jitter;
  /** After one of these it does not come back. */
  readonly finalEnds: readonly EndPattern[];
}

/** What is left to chance. */
type Jitter =
  | { readonly kind: 'none' }
  /** Up to that share more. */
  | { readonly kind: 'added'; readonly share: number }
  /** Anything from nothing to the whole of it. */
  | { readonly kind: 'full' }
  /** Half of it, and anything up to the other half. */
  | { readonly kind: 'equal' }
  /** From the base to three times what it waited last. */
  | { readonly kind: 'decorrelated' }
  /** Up to that share more or less, and the cap only then: socket.io-client, contrib/backo2.ts. */
  | { readonly kind: 'around'; readonly share: number };

/** Any end of that code, and of what else is said of it. */
type EndPattern =
  | { readonly code: 'websocket-close'; readonly closeCode: number }
  | { readonly code: 'http-status'; readonly status?: number }
  | { readonly code: 'socketio-packet'; readonly packet: 'disconnect' | 'connect-error' }
  | { readonly code: 'protocol'; readonly cause: ProtocolCause };

/** The server has said that this client shall not be there: it has ended as agreed, or its token is not good. */
const REFUSED: readonly EndPattern[] = [
  { code: 'websocket-close', closeCode: 1000 },
  { code: 'websocket-close', closeCode: 4001 },
  { code: 'http-status', status: 401 },
  { code: 'http-status', status: 403 },
  { code: 'socketio-packet', packet: 'connect-error' },
];

const DOUBLED = {
  baseMs: 1000,
  factor: 2,
  capMs: 30_000,
  retries: Number.POSITIVE_INFINITY,
  finalEnds: REFUSED,
} as const;

/** Every policy: one row here. Dimension, sessions, simulation and report follow from it. */
export const RECONNECT_POLICIES = {
  guide: { ...DOUBLED, retries: 10, jitter: { kind: 'added', share: 0.2 } },
  bare: { ...DOUBLED, jitter: { kind: 'none' } },
  /** These three: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. */
  full: { ...DOUBLED, jitter: { kind: 'full' } },
  equal: { ...DOUBLED, jitter: { kind: 'equal' } },
  decorrelated: { ...DOUBLED, jitter: { kind: 'decorrelated' } },
  socketio: {
    ...DOUBLED,
    capMs: 5000,
    jitter: { kind: 'around', share: 0.5 },
    finalEnds: [...REFUSED, { code: 'socketio-packet', packet: 'disconnect' }],
  },
  /** HTML Standard, server-sent events: only a broken connection is tried again, after a time that Chromium has at 3 s. */
  eventsource: {
    ...DOUBLED,
    baseMs: 3000,
    factor: 1,
    jitter: { kind: 'none' },
    finalEnds: [...REFUSED, { code: 'http-status' }, { code: 'protocol', cause: 'content-type' }],
  },
} as const satisfies Record<string, ReconnectPolicy>;

export type ReconnectPolicyId = keyof typeof RECONNECT_POLICIES;

export function isReconnectPolicy(id: string): id is ReconnectPolicyId {
  return Object.hasOwn(RECONNECT_POLICIES, id);
}

/** The row, with the types of its columns rather than its own. */
export function reconnectPolicy(id: ReconnectPolicyId): ReconnectPolicy {
  return RECONNECT_POLICIES[id];
}

/** Tries since a connection stood last. */
export interface Tried {
  readonly tries: number;
  /** What it waited before the last of them. */
  readonly waitedMs: number;
}

export const NOT_TRIED: Tried = { tries: 0, waitedMs: 0 };

/** Far beyond every cap, and no power of it is infinite. */
const MOST_STEPS = 60;

/** How long it waits before the next try; undefined where it has given up. */
export function nextWaitMs(policy: ReconnectPolicy, { tries, waitedMs }: Tried, random: Random): number | undefined {
  if (tries >= policy.retries) return undefined;
  const { baseMs, factor, capMs, jitter } = policy;
  const steadyMs = baseMs * factor ** Math.min(tries, MOST_STEPS);
  const cappedMs = Math.min(steadyMs, capMs);
  switch (jitter.kind) {
    case 'none':
      return cappedMs;
    case 'added':
      return cappedMs + cappedMs * jitter.share * random();
    case 'full':
      return cappedMs * random();
    case 'equal':
      return (cappedMs / 2) * (1 + random());
    case 'decorrelated':
      return Math.min(capMs, baseMs + (3 * Math.max(baseMs, waitedMs) - baseMs) * random());
    case 'around':
      return Math.floor(Math.min(capMs, around(steadyMs, jitter.share, random())));
    default:
      return jitter satisfies never;
  }
}

/** One chance decides both: how far it is from the middle, and by its first digit on which side. */
function around(middleMs: number, share: number, chance: number): number {
  const deviationMs = Math.floor(chance * share * middleMs);
  return Math.floor(chance * 10) % 2 === 0 ? middleMs - deviationMs : middleMs + deviationMs;
}

/** Whether nobody comes back by this policy after that end. */
export function isFinal({ finalEnds }: ReconnectPolicy, end: SessionEnd): boolean {
  const said = new Map<string, unknown>(Object.entries(end));
  return finalEnds.some((pattern) => Object.entries(pattern).every(([field, value]) => said.get(field) === value));
}
