import { HeaderReader, readNotice } from '../scenarios/message.ts';
import type { Position } from './log.ts';
import type { SessionEvents } from './transport.ts';

const header = new HeaderReader();

/** What the client halves share: takes frames, keeps the position to resume from, and tells the session's events. */
export class FeedReader {
  readonly #events: SessionEvents;
  #position: Position;

  constructor(events: SessionEvents, position: Position) {
    this.#events = events;
    this.#position = position;
  }

  /** Where to go on from. */
  get position(): Position {
    return this.#position;
  }

  /** Told by a client that asked for all there is and got nothing: the feed has not begun. */
  startOfFeed(): void {
    if (this.#position.kind !== 'after') this.#position = { kind: 'after', seq: 0 };
  }

  /** `frame` may be a view of a buffer that is used again. */
  accept(frame: Buffer, receivedNs: number): void {
    if (header.read(frame)) {
      this.#events.message(header, frame.length, receivedNs);
      if (this.#position.kind !== 'after' || header.seq > this.#position.seq)
        this.#position = { kind: 'after', seq: header.seq };
      return;
    }
    const notice = readNotice(frame);
    if (notice === undefined) {
      this.#events.foreign();
      return;
    }
    this.#position = { kind: 'after', seq: notice.notice === 'gap' ? notice.to : notice.latest };
    this.#events.notice(notice);
  }
}
