import type { ValueOf } from '../../scenarios/dimensions.ts';
import { BinaryHeaderReader } from '../../scenarios/feed/binary-message.ts';
import { HeaderReader, type MessageReader } from '../../scenarios/feed/message.ts';
import { afterNotice } from '../../scenarios/feed/resume-point.ts';
import type { Position } from '../feed/log.ts';
import type { SessionEvents } from '../transport.ts';

const LINE_FEED = 0x0a;
const ARRAY_START = 0x5b;
const ARRAY_END = 0x5d;

/** The forms in which entries come. A process mostly reads one of them, so that what is called stays the same. */
const READERS = { text: new HeaderReader(), binary: new BinaryHeaderReader() } as const satisfies Record<
  ValueOf<'frames'>,
  MessageReader
>;

/** What a reader tells of the entries that it takes. */
export type FeedEvents = Pick<SessionEvents, 'message' | 'notice' | 'signal' | 'foreign'>;

/** What the client halves share: takes entries, keeps the position to resume from, and tells the session's events. */
export class FeedReader {
  readonly #events: FeedEvents;
  readonly #reader: MessageReader;
  #position: Position;

  constructor(events: FeedEvents, position: Position, form: ValueOf<'frames'> = 'text') {
    this.#events = events;
    this.#position = position;
    this.#reader = READERS[form];
  }

  /** Where to go on from. */
  get position(): Position {
    return this.#position;
  }

  /** Told by a client that asked for all there is and got nothing: the feed has not begun. */
  startOfFeed(): void {
    if (this.#position.kind !== 'after') this.#position = { kind: 'after', seq: 0 };
  }

  /** Whether `entry`, which may be a view of a buffer that is used again, is a message. */
  accept(entry: Buffer, receivedNs: number): boolean {
    const header = this.#reader;
    if (header.read(entry)) {
      this.#events.message(header, entry.length, receivedNs);
      if (this.#position.kind !== 'after' || header.seq > this.#position.seq)
        this.#position = { kind: 'after', seq: header.seq };
      return true;
    }
    const notice = header.notice(entry);
    if (notice === undefined) {
      const signal = header.signal(entry);
      if (signal === undefined) this.#events.foreign(entry);
      else this.#events.signal(signal, receivedNs);
      return false;
    }
    const resumePoint = this.#position.kind === 'after' ? this.#position.seq : 0;
    this.#position = { kind: 'after', seq: afterNotice(resumePoint, notice) };
    this.#events.notice(notice);
    return false;
  }

  /**
   * Takes the body of an answer: a JSON array with one entry a line; see http-answer.ts. `goesOn` is asked before each entry.
   * Returns how many messages were in it.
   */
  acceptAnswer(body: Buffer, receivedNs: number, goesOn: () => boolean): number {
    if (body[0] !== ARRAY_START || body.at(-1) !== ARRAY_END) {
      this.#events.foreign(body);
      return 0;
    }
    let messages = 0;
    let start = 1;
    while (start < body.length - 1 && goesOn()) {
      const lineFeed = body.indexOf(LINE_FEED, start);
      const end = lineFeed < 0 ? body.length - 1 : lineFeed - 1;
      if (this.accept(body.subarray(start, end), receivedNs)) messages += 1;
      start = end + 2;
    }
    return messages;
  }
}
