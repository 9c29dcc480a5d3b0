import { randomBytes } from 'node:crypto';
import type { ServerOptions } from 'socket.io';
import type { Signal } from '../../scenarios/feed/signal.ts';
import type { Log } from '../feed/log.ts';
import type { Conversation } from '../hub/conversation.ts';

/**
 * The one way into the feed: `append` gives a message its sequence number, and every node's log gets the same messages
 * in the same order. Where there is an adapter, only the log of the node that takes the feed does: its door says each
 * message to all nodes, and the adapter carries it.
 */
export interface Backplane {
  /** Of the feed, the same at all nodes: tells it from one that began anew and gives the same numbers. In letters as of base64url. */
  readonly identity: string;
  /** Resolves with the sequence number once the message is in the feed; rejects where it is not known to be. */
  append(body: string): Promise<number>;
  /** Asks what all nodes share how far the feed is; absent where they share nothing. Rejects with `redis-lost`. */
  readonly readOrigin?: () => Promise<void>;
  /** What clients say, and who is there; absent where the nodes have no log in common. */
  readonly conversation?: Conversation;
  /** What a Socket.IO server takes as its adapter; it is made once the door has its server. */
  readonly adapter?: ServerOptions['adapter'];
  /** Where doors have a part in it: once they are open, resolves when messages reach this node; rejects with `redis-lost`. */
  ready?(): Promise<void>;
  close(): Promise<void>;
}

const IDENTITY_BYTES = 9;

/** Of a feed that begins. */
export function newIdentity(): string {
  return randomBytes(IDENTITY_BYTES).toString('base64url');
}

/** Some 20 MB, in a node or in Redis. */
export const MOST_SENDERS = 100_000;

export type OpenBackplane = (log: Log, options: BackplaneOptions) => Promise<Backplane>;

export interface BackplaneOptions {
  /** Names the feed where several share one Redis. */
  readonly feed: string;
  readonly redisUrl: string;
  /** Messages of history that the backplane keeps for nodes that missed some. */
  readonly historyMessages: number;
  /** Senders of whom it is known what they said last, the quietest forgotten first; absent: MOST_SENDERS. */
  readonly mostSenders?: number;
  /** A node that dies is noticed by others within two of them. */
  readonly heartbeatMs: number;
  /** The node that closes last removes the feed's keys. */
  readonly forgetOnClose: boolean;
  /** Says whether the node gets what others append; false from the moment a connection breaks until it has caught up. */
  readonly onHealth: (healthy: boolean, reason: string) => void;
  readonly onGapFilled: (messages: number) => void;
  /** A node, this one or another, has said it to all. */
  readonly onSignal: (signal: Signal) => void;
}
