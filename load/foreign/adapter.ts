/**
 * What feedbench must be told of a server of your own to measure it: a file that exports `adapter`, for
 * `feedbench run ticker --target ws://host:port/path --adapter ./mine.ts`. Types alone: nothing of it is there when your file runs,
 * so what you write works from a checkout and with the package (`import type { Adapter } from 'feedbench/adapter'`).
 *
 * Two kinds of servers can be measured. Of one that passes on what it is given, feedbench publishes the feed through `publish`
 * and finds the same text again in what `read` returns: number, due time and checksum are in it, so nothing that goes wrong is
 * missed. One that makes its own feed has no `publish`: `read` says the number of each message, and when it was sent.
 */
export type Adapter = Described & (Carried | OwnClient);

interface Described {
  /** Its name in reports. */
  readonly label: string;
  /** What is of the feed in something that came; undefined where that is something else, such as a welcome. */
  readonly read: (came: Incoming) => Read | readonly Read[] | undefined;
  /**
   * How a text gets to all clients: what to say over a connection, or a POST. feedbench calls it from a connection that does nothing
   * else. Absent: the server makes its own feed.
   */
  readonly publish?: (text: string, target: Target) => Said | Post;
  /**
   * Of a server that says when it sent a message, and whose clock is not this machine's: asks for its time, in milliseconds since
   * 1970. It is called 50 times before and after each trial. Absent: how old messages are is not told.
   */
  readonly clock?: (target: Target) => Promise<number>;
}

/** By a client of feedbench's. */
interface Carried {
  /** `events`: Server-Sent Events. `polling`: at the interval of `--poll`; `long-polling`: again when an answer is there. */
  readonly by: 'websocket' | 'events' | 'polling' | 'long-polling' | 'socketio';
  /** Of each request, and of upgrades: a token, a cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a WebSocket: the subprotocols to offer. */
  readonly protocols?: readonly string[];
  /** What a client says when it is connected, one after the other. Clients count from 0; the publisher subscribes to nothing. */
  readonly subscribe?: (client: number) => readonly Said[];
  /** Whether this says that the subscription stands. Absent: it does when all of `subscribe` was said. */
  readonly subscribed?: (came: Incoming) => boolean;
  /**
   * Of who polls: what to ask for next, behind the highest number that was read, 0 at first; `latest` is the latest answer that had
   * something, for servers that say in it where to go on. Absent: the address of the target.
   */
  readonly ask?: (last: number, target: Target, latest: Incoming | undefined) => string;
}

/** By a client of your own, with whatever package. */
interface OwnClient {
  readonly by: 'own';
  /** Resolves when the subscription stands. Everything that comes is told to `hear`; what ends the connection, to `hear.ended`. */
  readonly connect: (target: Target, hear: Hear) => Promise<OwnConnection>;
}

export interface Target {
  /** As it was given with `--target`. */
  readonly url: string;
}

/** A WebSocket: a text or bytes. Socket.IO: an event and its arguments. A client of your own: what its `say` takes. */
export type Said = string | Uint8Array | readonly unknown[];

export interface Post {
  /** A URL, or a path at the target. */
  readonly post: string;
  readonly body: string;
  /** Absent: `Content-Type: application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Incoming {
  /** A frame, the data of an event, the body of an answer; of Socket.IO the first argument, where that is text. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The type of an event, of Socket.IO its name; otherwise `message`. */
  readonly event: string;
  /** Of Socket.IO: all that came with the event. */
  readonly args: readonly unknown[];
}

/** A text that was published, as it was; or of a server's own feed a message's number, each one more than the one before. */
export type Read = string | Numbered;

export interface Numbered {
  readonly seq: number;
  /** By the server's clock, in milliseconds since 1970; fractions are welcome. */
  readonly sentAtMs?: number;
}

export interface Hear {
  (came: string | Uint8Array): void;
  /** The connection ended, and why. */
  readonly ended: (reason: string) => void;
}

export interface OwnConnection {
  readonly say?: (said: Said) => void;
  readonly close: () => void;
}
