/**
 * Who says what where and when in a feed whose messages are addressed: to a room, or to one user. All of it follows from the seed,
 * known to everybody before anything is said. Message k is due at the k-th due time of the feed (schedule.ts), and has the k-th
 * payload.
 */
export interface Script<Who extends Sender = Sender> {
  readonly messages: readonly SaidMessage<Who>[];
  /** That somebody writes is shown to the others. */
  readonly typings: readonly Typing[];
  readonly visits: readonly Visit[];
}

export interface SaidMessage<Who extends Sender = Sender> {
  /** Its place in the feed, from 0 on. */
  readonly index: number;
  readonly offsetNs: number;
  readonly sender: Who;
  readonly channel: string;
  /** The sender's own number in that channel, from 1 on. */
  readonly n: number;
  /** Of a stream of messages: which one, and its place in it. */
  readonly part?: StreamPart;
  /** Behind it the connection of the client that hears it is cut. */
  readonly cuts?: boolean;
}

/** Of a stream: which one, and as which of its messages, both from 0 on. */
export interface StreamPart {
  readonly stream: number;
  readonly place: number;
}

/** Clients count from 0. */
export type Sender = number | typeof PUBLISHER;

/** What the app says itself, as those who hear it know it: no client is called so. */
export const PUBLISHER = 'publisher';

export interface Typing {
  readonly offsetNs: number;
  readonly sender: number;
  readonly channel: string;
}

/** A client follows another room as well, for a while. */
export interface Visit {
  readonly client: number;
  readonly channel: string;
  readonly joinNs: number;
  /** Undefined where it stays to the end. */
  readonly leaveNs: number | undefined;
}

export function userName(client: number): string {
  return `u${client}`;
}

export function senderName(sender: Sender): string {
  return typeof sender === 'number' ? userName(sender) : sender;
}

/** Names what one sender says in one channel: neither has a space in it. */
export function streamKey(channel: string, from: string): string {
  return `${channel} ${from}`;
}

/** A message with who says it where, as a schedule's hash takes it. */
export function messageText({ channel, sender, n }: SaidMessage, data: string): string {
  return `${streamKey(channel, senderName(sender))} ${n} ${data}`;
}

/** Gives each message its sender's next number in its channel. */
export class OwnNumbers {
  readonly #last = new Map<string, number>();

  next(channel: string, sender: Sender): number {
    const stream = streamKey(channel, senderName(sender));
    const n = (this.#last.get(stream) ?? 0) + 1;
    this.#last.set(stream, n);
    return n;
  }
}
