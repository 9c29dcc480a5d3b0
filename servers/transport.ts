import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from 'socket.io';
import type { HeldState } from '../scenarios/asking/state-answers.ts';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import type { Command } from '../scenarios/feed/command.ts';
import type { MessageHeader, Notice } from '../scenarios/feed/message.ts';
import type { Answer, Signal } from '../scenarios/feed/signal.ts';
import type { SessionEnd } from '../scenarios/session-end.ts';
import type { Position, ReadableLog } from './feed/log.ts';
import type { Hub } from './hub/hub.ts';
import type { Handshakes } from '../scenarios/tls/handshakes.ts';

/** The server half: a door onto the log. It registers its routes on `app` and says how it closes. */
export type OpenDoor = (context: DoorContext) => Door;

export interface DoorContext {
  readonly app: FastifyInstance;
  /** What this door gives its clients: the node's log, or the newest of each key of it. */
  readonly log: ReadableLog;
  readonly options: DoorOptions;
  /** Who may be here, and what clients follow and say. */
  readonly hub: Hub;
  /**
   * Of a backplane of Socket.IO's own. The log has messages at one node only, whose door says each to the clients of all
   * nodes; what comes from another node goes to clients by itself, and none of it is in the log.
   */
  readonly adapter?: ServerOptions['adapter'];
  /** Whether it came when there were as many connections as may be: it is to be told so, and to go. */
  readonly isBeyond: (socket: Duplex) => boolean;
  /** Counts a connection that was closed because its client did not keep up. */
  readonly onSlowConsumer: () => void;
  /** Asks what stands behind all nodes how far the feed is; absent where nothing does. Rejects where it does not answer. */
  readonly readOrigin?: () => Promise<void>;
  /** That of the feed, as its backplane has it. */
  readonly feedIdentity: string;
  /** Counts an answer for which what stands behind the node was asked. */
  readonly onOriginRead: () => void;
  /**
   * Takes the requests for a WebSocket at `path`, of pages that may ask, until the node closes; what is asked there without an
   * upgrade is answered 426. A path that ends in a slash stands for all below it, and what is no upgrade is the door's own.
   */
  readonly onUpgrade: (path: string, take: TakeUpgrade) => void;
}

/** Undefined where the socket is taken, at once or later; otherwise it is answered so, and ended. */
export type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => UpgradeRefusal | undefined;

export interface UpgradeRefusal {
  readonly status: number;
  readonly error: string;
  /** Lines without their ends. */
  readonly headers?: readonly string[];
}

export interface DoorOptions {
  /** Of the dimensions that the transport has; one that is missing is as usual. */
  readonly values: DimensionValues;
  /** How long a held poll waits at most, in milliseconds. */
  readonly holdMs: number;
  /** Bytes that may wait unsent in one connection; what comes behind them waits in the log. */
  readonly sendBufferBytes: number;
  /** How long a client may take nothing of what waits for it; as long again it has to see why it was closed. In milliseconds. */
  readonly slowMs: number;
  /** How long a client that was told to go may take before its connection is cut, in milliseconds. */
  readonly closeMs: number;
  /** How often a connection that stays is looked after: who gives no sign of life until the next time is gone. In milliseconds. */
  readonly heartbeatMs: number;
  /** How long a client may take to say who it is, in milliseconds. */
  readonly authMs: number;
  /** How long what was read is good for where polls share it, in milliseconds. */
  readonly sharedForMs: number;
}

/** Whether a node that goes will be followed by another in its place. */
export type Departure = 'for-good' | 'restart';

export interface Door {
  /** Ends what is open in the transport's own polite way (1001, 1012, an empty answer); resolves when it has been said. */
  drain(departure: Departure): Promise<void>;
}

/** The client half: one session of one subscriber, which begins at once and reports to `events`. */
export type OpenSession = (options: SessionOptions, events: SessionEvents) => Session;

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  /** Who vouches for the server, as PEM: then it is spoken to over TLS 1.3. Absent: over TCP alone. */
  readonly authority?: string | undefined;
  /** What the client's connections over TLS keep for each other; absent: nothing. */
  readonly handshakes?: Handshakes | undefined;
  /** Its client's number over all processes, for servers that are not ours, which may want a name. */
  readonly client?: number;
  /** All of the feed, or what comes after a message that the client has. */
  readonly position: Position;
  /** Of the dimensions that the variant has; one that is missing is as usual. */
  readonly values: DimensionValues;
  readonly headers: HeaderProfile;
  /** Who it is and what it follows. Absent: nobody, and the feed. */
  readonly member?: SessionMember;
  /** What an earlier session of this client left, for a server that goes on with it instead of beginning at a position. */
  readonly remembered?: string;
  /** Of a client that comes back as it does when it is left alone. */
  readonly stock?: StockClient;
  /** For transports that poll at an interval: polls are due at originNs + k × intervalNs on the monotonic clock. */
  readonly poll: { readonly originNs: number; readonly intervalNs: number };
}

interface StockClient {
  /** Where it began at first: some say so again, and beside it where they go on. */
  readonly began: Position;
  /** Then a session whose library comes back by itself does; it has `cut`, and tells `dropped`, `tries` and `back`. */
  readonly hasOneNode: boolean;
}

export interface SessionMember {
  readonly user: string;
  /** Absent where the server believes anybody. */
  readonly token?: string;
  /** Besides the user's own. */
  readonly channels: readonly string[];
  /**
   * Tells the user's clients from each other, where no connection does: one that comes back is the one that it was. Absent: every
   * session is another.
   */
  readonly tab?: string;
}

export interface HeaderProfile {
  /** Header lines besides those that the protocol itself needs, without line ends. */
  fetch(host: string): readonly string[];
  /** An EventSource. */
  events(host: string): readonly string[];
  /** A GET by XMLHttpRequest, whose headers are those of a fetch in another order. */
  xhr(host: string): readonly string[];
  /** A POST of JSON by a fetch; the length of its body is the protocol's, here and in the next. */
  fetchPost(host: string): readonly string[];
  /** A POST of text by XMLHttpRequest. */
  xhrPost(host: string): readonly string[];
  /** An offer of extensions is among them where every upgrade of such a client makes it. */
  upgrade(host: string): readonly string[];
}

export interface SessionEvents {
  /** The subscription stands: what is published from now on will be delivered. Once. */
  opened(): void;
  /** `header` is only good during the call; `payloadBytes` is the size of the whole message. */
  message(header: MessageHeader, payloadBytes: number, receivedNs: number): void;
  notice(notice: Notice): void;
  /** What is said to whoever is there. A session takes answers to its commands for itself. */
  signal(signal: Signal, receivedNs: number): void;
  /** Something that is none of these; `bytes` are only good during the call. */
  foreign(bytes: Buffer): void;
  /** An HTTP answer with that many messages; of who asks for a state, with so many that were news. */
  answered(messages: number, receivedNs: number): void;
  /** Of who asks for a state: all that is in one, news or not. */
  state?(held: HeldState): void;
  /** The connection ended as its protocol provides for, and the session goes on over another one: nothing is lost. */
  reopened(): void;
  /** Ended without `close()`. Once, and nothing comes after it. */
  lost(end: SessionEnd): void;
  /** Of a session that lasts: its connection has ended, and it will be back; each time that it tries; and there it is. */
  dropped?(end: SessionEnd, from: Pick<SessionOptions, 'host' | 'port'>): void;
  tries?(): void;
  back?(): void;
}

export interface Session {
  /** TCP connections that it holds besides its first; absent: none. */
  readonly extraConnections?: number;
  /** Without the bytes that are being handled: who is told of a message can still end the bin before it. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** What the next session of this client shows to go on with this one, as it is now: to servers that remember sessions, or the tag of a state. */
  readonly remembered?: string | undefined;
  /**
   * Says something, behind what was said before; in time `answered` is called, or the session ends and nobody knows what became
   * of it. A transport that has no connection for it does `join` and `leave` by what it asks for next.
   */
  say(command: SessionCommand, answered: Answered): void;
  /** Of a session that lasts: its connection goes, at its own end, and it comes back. */
  cut?(): void;
  close(): void;
}

/** What a session names and shows by itself is left out. */
export type SessionCommand = Exclude<Command, { type: 'auth' }> & { readonly id?: never };

export type Answered = (answer: Answer, receivedNs: number) => void;
