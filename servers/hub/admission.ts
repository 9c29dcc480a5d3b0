/** Who a client is, as far as its node knows. */
export interface Identity {
  /** Undefined for whoever listens without a name. */
  readonly user: string | undefined;
  /** When the right to be here ends, in milliseconds of `Date.now()`; undefined: never. */
  readonly expiresAtMs: number | undefined;
}

/** What a client shows of itself, wherever it stands in a request. */
export interface Credentials {
  readonly token: string | undefined;
  /** A name that nobody proves; good where the node asks for no token. */
  readonly user: string | undefined;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Why a client is not let in, or has to go. */
export type Refusal = keyof typeof REFUSALS;

interface RefusalRow {
  /** Of an answer over HTTP. */
  readonly status: 400 | 401 | 403;
  /** Of a WebSocket: 4000 to 4999 are an app's own (RFC 6455, section 7.4.2). */
  readonly closeCode: 1008 | 4001 | 4002;
  readonly error: string;
}

export const REFUSALS = {
  'no-token': { status: 401, closeCode: 4002, error: 'say who you are first: this node wants a token' },
  'bad-token': { status: 401, closeCode: 4001, error: 'the token is not good here' },
  'expired-token': { status: 401, closeCode: 4001, error: 'the token has expired' },
  'bad-user': { status: 400, closeCode: 1008, error: 'user is a name of letters, digits, "-", ".", "_", "~", ":"' },
  'bad-channels': {
    status: 400,
    closeCode: 1008,
    error: 'channels are up to 64 names of letters, digits, "-", ".", "_", "~", ":", with commas between them',
  },
  'forbidden-channel': { status: 403, closeCode: 1008, error: 'the channel of a user is for that user alone' },
} as const satisfies Record<string, RefusalRow>;

/** Says who has a token, or why it is not good. It never throws for what is in a token. */
export interface Verifier {
  verify(token: string): Promise<Admission>;
}

/** To whoever comes when a node has as many connections as it may. */
export const TOO_MANY_CONNECTIONS = 'too many connections: come back later';

/**
 * So many may be connected at once that have not said who they are. More come where thousands come back together; each is there
 * for a round trip and a verification.
 */
export const MOST_GUESTS = 5000;
