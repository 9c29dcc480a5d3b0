import type { MessageHeader, Notice } from '../../scenarios/feed/message.ts';
import type { Position } from '../feed/log.ts';
import type { SessionEvents, SessionOptions } from '../transport.ts';
import { type FeedEvents, FeedReader } from './feed-reader.ts';

/** What a reader of states tells besides. */
type StateEvents = FeedEvents & Pick<SessionEvents, 'state'>;

/**
 * Takes states, each the newest of every key as a whole, and tells of each only what is news: what has a higher number than all
 * that came before it. So a client that asks for a state hears of every message once.
 */
class StateReader {
  readonly #events: StateEvents;
  readonly #reader: FeedReader;
  readonly #isState: () => boolean;
  /** The client has everything up to this number that was not replaced. */
  #known = 0;
  #news = 0;
  #seqs: number[] = [];
  #oldest = 1;

  constructor(events: StateEvents, position: Position, isState: () => boolean) {
    this.#events = events;
    this.#isState = isState;
    this.#reader = new FeedReader(
      {
        message: (header, payloadBytes, receivedNs) => this.#message(header, payloadBytes, receivedNs),
        notice: (notice) => this.#notice(notice),
        signal: (signal, receivedNs) => events.signal(signal, receivedNs),
        foreign: (bytes) => events.foreign(bytes),
      },
      position,
    );
  }

  /** Where to go on from, for who asks for what comes after it. */
  get position(): Position {
    return this.#reader.position;
  }

  startOfFeed(): void {
    this.#reader.startOfFeed();
  }

  /** Takes the body of an answer. Returns how many messages in it were news. */
  acceptAnswer(body: Buffer, receivedNs: number, goesOn: () => boolean): number {
    const { position } = this.#reader;
    this.#known = position.kind === 'after' ? position.seq : 0;
    this.#news = 0;
    this.#seqs = [];
    this.#oldest = 1;
    this.#reader.acceptAnswer(body, receivedNs, goesOn);
    if (goesOn() && this.#isState()) this.#events.state?.({ seqs: this.#seqs, oldest: this.#oldest });
    return this.#news;
  }

  #message(header: MessageHeader, payloadBytes: number, receivedNs: number): void {
    this.#seqs.push(header.seq);
    // What is damaged may be anything.
    if (header.intact && header.seq <= this.#known) return;
    this.#news += 1;
    this.#events.message(header, payloadBytes, receivedNs);
  }

  #notice(notice: Notice): void {
    if (notice.notice === 'reset') this.#known = 0;
    else this.#oldest = Math.max(this.#oldest, notice.to + 1);
    // It stands in each state of a node that was not there from the beginning.
    if (notice.notice === 'gap' && notice.to <= this.#known) return;
    this.#events.notice(notice);
  }
}

/** By how a client asks; `isState` tells whether the answer at hand is a whole state. */
export function readerOf(
  events: StateEvents,
  { position, values }: Pick<SessionOptions, 'position' | 'values'>,
  isState: () => boolean,
): Pick<FeedReader, 'position' | 'startOfFeed' | 'acceptAnswer'> {
  return values.ask === 'etag' ? new StateReader(events, position, isState) : new FeedReader(events, position);
}
