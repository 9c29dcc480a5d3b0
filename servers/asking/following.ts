import { randomBytes } from 'node:crypto';
import { monotonicNs } from '../../scenarios/clock.ts';
import { FEED_CHANNEL, mayFollow, MOST_CHANNELS, userChannel } from '../../scenarios/feed/channels.ts';
import { rejected, type RejectionReason } from '../../scenarios/feed/signal.ts';
import type { Position } from '../feed/log.ts';
import { memberRequest } from '../hub/member-request.ts';
import type { Answered, SessionCommand, SessionOptions } from '../transport.ts';

/** What changes the channels that a client follows. */
type Change = Extract<SessionCommand, { type: 'join' | 'leave' }>;

export function isChange(command: SessionCommand): command is Change {
  return command.type === 'join' || command.type === 'leave';
}

/** In the query of who polls: which of the user's clients it is. Empty for who has no name; otherwise with `&` in front. */
export function tabOf(member: SessionOptions['member']): string {
  return member === undefined ? '' : `&tab=${member.tab ?? randomBytes(TAB_BYTES).toString('hex')}`;
}

const TAB_BYTES = 4;

/**
 * What a client follows that has no session at its server: it says so with every request, so a channel is joined or left by
 * the next one. Nothing has to be answered for that: what comes behind the number that it asks with is of the channels that it
 * asks for, whichever node it asks.
 */
export class Following {
  readonly #member: SessionOptions['member'];
  readonly #auth: SessionOptions['values']['auth'];
  readonly #channels: Set<string>;
  #query: string;
  #changes: ((seq: number) => void)[] = [];

  constructor({ member, values }: Pick<SessionOptions, 'member' | 'values'>) {
    this.#member = member;
    this.#auth = values.auth;
    this.#channels = new Set(member?.channels ?? [FEED_CHANNEL]);
    this.#query = memberRequest(member, values.auth).query;
  }

  /** Of the next request, behind another part of the query: empty, or with `&` in front. */
  get query(): string {
    return this.#query;
  }

  get channels(): readonly string[] {
    return [...this.#channels];
  }

  /** Whether the next request is for other channels than the one before. */
  get hasChanged(): boolean {
    return this.#changes.length > 0;
  }

  change({ type, channel }: Change, answered: Answered): void {
    const refusal = type === 'join' ? this.#whyNoJoin(channel) : this.#whyNoLeave(channel);
    if (refusal !== undefined) {
      queueMicrotask(() => answered(rejected(refusal), monotonicNs()));
      return;
    }
    if (type === 'join') this.#channels.add(channel);
    else this.#channels.delete(channel);
    const channels = [...this.#channels];
    this.#query =
      this.#member === undefined
        ? `&channels=${channels.join(',')}`
        : memberRequest({ ...this.#member, channels }, this.#auth).query;
    this.#changes.push((seq) => answered({ seq }, monotonicNs()));
  }

  /** A request has gone out for what comes after that position: it answers the changes that it is the first to have. */
  asked(position: Position): void {
    const changes = this.#changes;
    this.#changes = [];
    for (const answer of changes) answer(position.kind === 'after' ? position.seq : 0);
  }

  /** What the server would refuse, with all that the request is for. */
  #whyNoJoin(channel: string): RejectionReason | undefined {
    if (!mayFollow(channel, this.#member?.user)) return 'forbidden';
    return !this.#channels.has(channel) && this.#channels.size >= MOST_CHANNELS ? 'too-many' : undefined;
  }

  #whyNoLeave(channel: string): RejectionReason | undefined {
    return this.#member !== undefined && channel === userChannel(this.#member.user) ? 'forbidden' : undefined;
  }
}
