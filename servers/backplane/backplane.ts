import type { Log } from '../feed/log.ts';

/**
 * The one way into the feed: `append` gives a message its sequence number, and every node's log gets the same messages
 * in the same order.
 */
export interface Backplane {
  /** Resolves with the sequence number once the message is in the feed; rejects where it is not known to be. */
  append(body: string): Promise<number>;
  close(): Promise<void>;
}

export type OpenBackplane = (log: Log, options: BackplaneOptions) => Promise<Backplane>;

export interface BackplaneOptions {
  /** Names the feed where several share one Redis. */
  readonly feed: string;
  readonly redisUrl: string;
  /** Messages of history that the backplane keeps for nodes that missed some. */
  readonly historyMessages: number;
  /** Removes the feed's keys on close. */
  readonly forgetOnClose: boolean;
  /** Says whether the node gets what others append; false from the moment a connection breaks until it has caught up. */
  readonly onHealth: (healthy: boolean, reason: string) => void;
  readonly onGapFilled: (messages: number) => void;
}
