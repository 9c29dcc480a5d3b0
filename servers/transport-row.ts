import type { DimensionId, DimensionValues, Offers } from '../scenarios/dimensions.ts';
import type { ReconnectPolicyId } from '../scenarios/reconnect/policy.ts';
import type { SessionEnd } from '../scenarios/session-end.ts';
import type { Cadence, CarriageException, Framing, TransportLook } from '../scenarios/transport-traits.ts';
import type { Ability } from './abilities.ts';
import type { HeaderProfile, OpenDoor, OpenSession } from './transport.ts';

/** An end as far as it is known beforehand. */
export type ExpectedEnd = { readonly [Code in SessionEnd['code']]: EndOf<Code> }[SessionEnd['code']];
type EndOf<Code> = Partial<Extract<SessionEnd, { readonly code: Code }>> & { readonly code: Code };

export type Exemptions = Readonly<Partial<Record<Ability, string>>>;

/** What is true of every transport, and what depends on how its clients get messages. */
export type TransportRow = AnyTransport & (Asking | Pushing);

interface Asking {
  readonly cadence: Exclude<Cadence, 'push'>;
}

interface Pushing {
  readonly cadence: 'push';
  readonly framing: Framing;
  /** How the session of a client that does not keep up may end, as that client sees it. */
  readonly tooSlow: readonly ExpectedEnd[];
}

interface AnyTransport {
  readonly label: string;
  readonly summary: string;
  /** On every page; absent: what is left over. */
  readonly look?: TransportLook;
  /** What else a user may call it. */
  readonly aliases: readonly string[];
  /** A command that shows the feed by hand, with HOST for host and port. */
  readonly tryIt: string;
  /** Where a variant has all of those values, another one does. */
  readonly triedOtherwise?: readonly { readonly where: DimensionValues; readonly tryIt: string }[];
  /** How somebody talks by hand, as `ann` in the room `lobby`; absent where nobody can. */
  readonly talk?: Talk;
  /** How a web page follows the feed; absent where none can. */
  readonly page?: PageClient;
  /** What a client has to put in the query, and to say, before the feed comes to it. Absent: nothing. */
  readonly greeting?: { readonly query: string; readonly says: string };
  /** Where the door is, and which kind of request opens it; the headers are those of this kind. */
  readonly path: string;
  readonly connectsBy: Exclude<keyof HeaderProfile, 'fetchPost' | 'xhrPost'>;
  /** How its sessions may end when their node says goodbye. */
  readonly goodbye: readonly ExpectedEnd[];
  /** How its usual client comes back that is left alone: by a policy, or with its next poll. Absent: it does not. */
  readonly comesBack?: ReconnectPolicyId | 'interval';
  /** What goes over a connection on which nothing is said; absent where clients ask at an interval in any case. */
  readonly signOfLife?: SignOfLife;
  /** Where its clients get messages in another way. */
  readonly exceptions?: readonly CarriageException[];
  /** What its clients cannot do, and why. */
  readonly exemptions?: Exemptions;
  /** How its variants may differ. */
  readonly dimensions: Offers;
  /** Of what others have, why it does not. */
  readonly lacks?: Readonly<Partial<Record<DimensionId, string>>>;
  /** The most TCP connections that a client of its own or of a library holds at once; absent: one. */
  readonly connections?: (values: DimensionValues) => number;
  /** Why values of its dimensions do not go together, or not over a backplane, in words; absent where all do. */
  readonly excludes?: (values: DimensionValues, over?: BackplaneTraits) => string | undefined;
  /**
   * Where the door answers every request at once: a client for it that asks again the moment it has an answer, to find
   * out how many it can answer.
   */
  readonly closedLoop?: () => Promise<{ readonly openSession: OpenSession }>;
  readonly server: () => Promise<{ readonly openDoor: OpenDoor }>;
  readonly client: () => Promise<{ readonly openSession: OpenSession }>;
}

interface SignOfLife {
  /** How often it is where servers are as they come, from their library or from the protocol's advice. */
  readonly usualNs: number;
  /** How often at a node with that heartbeat; undefined: with the one it has by itself. */
  readonly everyNs: (heartbeatNs: number | undefined) => number;
  /** As bytes on the connection; absent where it is an answer, and the next request. */
  readonly frames?: { readonly downBytes: number; readonly upBytes: number };
}

/** With HOST for host and port. */
interface Talk {
  /** A command that shows what is said there. */
  readonly hear: string;
  /** Another command that says something, or what is typed into that one, a line after the other. */
  readonly say: { readonly command: string } | { readonly typed: readonly string[] };
}

/**
 * A module for browsers, which exports `follow({since, channels, user, values, intervalMs, staysOpen}, {live, told, over, away})`: it
 * calls `live` once it is connected, or more often, tells each entry, or the bytes of its compact form, and `told` says where the feed
 * goes on after it; it says once why it is over, by an error whose cause, where there is one, is a SessionEnd. Where it `comesBack` and
 * is let (`staysOpen`), it calls `away` when its connection has gone, and at each try that fails. Without a `user` it follows the feed.
 * It returns `{say, close}`: `say` takes a command and resolves with its answer, and rejects, or stays as it is, where the
 * connection ends. Without an import: it is shown as it is.
 */
interface PageClient {
  readonly script: URL;
  /** The platform has a client that comes back by itself, and goes on where it was. */
  readonly comesBack?: true;
  /** A script that must be there before: a file of a package, and where a node by hand serves it. */
  readonly library?: { readonly package: string; readonly file: string; readonly path: string };
}

/** What a backplane has that values of a transport may need. */
export interface BackplaneTraits {
  /** Socket.IO finds the sessions that it remembers on whichever node their clients come back to. */
  readonly remembersSessions?: true;
  readonly needsRedis?: boolean;
}
