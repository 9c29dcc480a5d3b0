import { monotonicNs } from '../../scenarios/clock.ts';
import { PRESENCE_CHANNEL } from '../../scenarios/feed/channels.ts';
import { type Content, encodeSaid, type Origin, type Speaker } from '../../scenarios/feed/message.ts';
import type { Signal } from '../../scenarios/feed/signal.ts';
import type { Conversation, Presence, PresenceChange, PresenceSnapshot, Said } from '../hub/conversation.ts';

interface Feed {
  append(body: string): number;
  latest(): number;
  onSignal(signal: Signal): void;
  /** Of a sender who was silent in a channel for longer than so many others nothing is known. */
  readonly mostSenders: number;
}

/** In the presence channel; no user's, who would need a letter or a digit more. */
const NODE = 'node:1';

/** What was said last by a sender in a channel. */
interface Last {
  readonly n: number;
  readonly seq: number;
}

/** The conversation of one node alone. */
export class MemoryConversation implements Conversation, Presence {
  readonly #feed: Feed;
  /** By channel and sender, the quietest first. */
  readonly #last = new Map<string, Last>();
  readonly #online = new Set<string>();
  #changes = 0;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  get presence(): Presence {
    return this;
  }

  async say(origin: Origin, body: string): Promise<Said> {
    const key = keyOf(origin);
    const last = this.#last.get(key);
    if (last !== undefined && origin.n <= last.n)
      return { kind: 'again', seq: origin.n === last.n ? last.seq : null, last: last.n };
    if (last !== undefined && origin.n > last.n + 1) return { kind: 'ahead', last: last.n };
    const seq = this.#feed.append(body);
    this.#remember(key, { n: origin.n, seq });
    return { kind: 'taken', seq };
  }

  async sayNext(speaker: Speaker, content: Content): Promise<number> {
    const key = keyOf(speaker);
    const n = (this.#last.get(key)?.n ?? 0) + 1;
    const seq = this.#feed.append(encodeSaid({ ...speaker, n }, content));
    this.#remember(key, { n, seq });
    return seq;
  }

  signal(signal: Signal): void {
    this.#feed.onSignal(signal);
  }

  arrive(user: string): void {
    this.#online.add(user);
    this.#tell({ type: 'user_joined', user });
  }

  depart(user: string): void {
    this.#online.delete(user);
    this.#tell({ type: 'user_left', user });
  }

  async snapshot(): Promise<PresenceSnapshot> {
    return { seq: this.#feed.latest(), users: [...this.#online] };
  }

  async online(user: string): Promise<number> {
    return this.#online.size + (this.#online.has(user) ? 0 : 1);
  }

  #tell(change: PresenceChange): void {
    const nowNs = monotonicNs();
    this.#changes += 1;
    const origin = { channel: PRESENCE_CHANNEL, from: NODE, n: this.#changes };
    this.#feed.append(encodeSaid(origin, { dueNs: nowNs, publishedNs: nowNs, data: JSON.stringify(change) }));
  }

  #remember(key: string, last: Last): void {
    this.#last.delete(key);
    this.#last.set(key, last);
    if (this.#last.size <= this.#feed.mostSenders) return;
    for (const quiet of this.#last.keys()) {
      this.#last.delete(quiet);
      return;
    }
  }
}

function keyOf({ channel, from }: Speaker): string {
  return `${channel} ${from}`;
}
