import { channelOf } from '../../scenarios/feed/message.ts';
import type { Entry } from './log.ts';

/**
 * Who of a door follows what, found by channel: a message to one user among thousands costs what one delivery costs. Members
 * are in the order in which they came.
 */
export class Audience<Member> {
  readonly #members = new Set<Member>();
  readonly #byChannel = new Map<string, Set<Member>>();

  get size(): number {
    return this.#members.size;
  }

  /** Everybody. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#members[Symbol.iterator]();
  }

  add(member: Member, channels: Iterable<string>): void {
    this.#members.add(member);
    for (const channel of channels) this.join(member, channel);
  }

  join(member: Member, channel: string): void {
    const followers = this.#byChannel.get(channel);
    if (followers === undefined) this.#byChannel.set(channel, new Set([member]));
    else followers.add(member);
  }

  leave(member: Member, channel: string): void {
    const followers = this.#byChannel.get(channel);
    if (followers?.delete(member) === true && followers.size === 0) this.#byChannel.delete(channel);
  }

  remove(member: Member, channels: Iterable<string>): void {
    this.#members.delete(member);
    for (const channel of channels) this.leave(member, channel);
  }

  in(channel: string): ReadonlySet<Member> {
    return this.#byChannel.get(channel) ?? NOBODY;
  }

  /** Whom an entry is for: what is no message is for all. */
  of(entry: Entry): ReadonlySet<Member> {
    const channel = channelOf(entry);
    return channel === undefined ? this.#members : this.in(channel);
  }
}

const NOBODY: ReadonlySet<never> = new Set();
