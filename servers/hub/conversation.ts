import type { Content, Origin, Speaker } from '../../scenarios/feed/message.ts';
import type { Signal } from '../../scenarios/feed/signal.ts';

/** What became of something that was said. */
export type Said =
  /** It is in the log, under this number. */
  | { readonly kind: 'taken'; readonly seq: number }
  /** It was there, and `last` is the sender's newest; `seq` is null where its number is not known any more. */
  | { readonly kind: 'again'; readonly seq: number | null; readonly last: number }
  /** It is not the next of its sender there, who said `last` before. */
  | { readonly kind: 'ahead'; readonly last: number };

/** What a backplane whose nodes have one log does for clients that talk. */
export interface Conversation {
  /**
   * Numbers and keeps what somebody said, once: the step that appends knows each sender's last `n` in each channel, so what is
   * said again, because no answer came, is found there. A sender who is not known may begin anywhere. Calls in turn are done
   * in turn. Rejects with `redis-lost` where it is not known what became of it.
   */
  say(origin: Origin, body: string): Promise<Said>;
  /** The same of what has no number: the step that appends gives it the next one of its sender there. Returns that in the log. */
  sayNext(speaker: Speaker, content: Content): Promise<number>;
  /** To all nodes, this one too, as `onSignal` of the backplane's options; nobody is told where it is lost. */
  signal(signal: Signal): void;
  readonly presence: Presence;
}

/** Who is connected, to whichever node: a user is there once, however many connections that user has. */
export interface Presence {
  /**
   * This node has the user's first connection, or no longer any. Where it is the first of all nodes, or was the last, the change is
   * a message of the presence channel; it is told later where it cannot be told now, unless it is undone before.
   */
  arrive(user: string): void;
  depart(user: string): void;
  /**
   * Who is online, and the newest number of the log when that was so, which this node's log has by then: changes that come after
   * it are to be added.
   */
  snapshot(): Promise<PresenceSnapshot>;
  /** How many users are online, this one among them, whose arrival may be on its way. */
  online(user: string): Promise<number>;
}

export interface PresenceSnapshot {
  readonly seq: number;
  readonly users: readonly string[];
}

/** The data of a message of the presence channel. */
export interface PresenceChange {
  readonly type: 'user_joined' | 'user_left';
  readonly user: string;
}
