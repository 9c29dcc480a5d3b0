import { type Entry, type Numbered, type Place, placeIn, type Position, type ReadableLog } from './log.ts';

/**
 * A log as it is read by whoever can wait: what is held back comes at the end of its window, and nobody ends that for all others by
 * asking. Otherwise clients that ask again and again would leave no window to end by itself. Who is ahead comes from a node whose
 * window has ended, and is told all that there is.
 */
export class WaitingLog implements ReadableLog {
  readonly #log: ReadableLog;

  constructor(log: ReadableLog) {
    this.#log = log;
  }

  get latest(): number {
    return this.#log.latest;
  }

  get oldest(): number {
    return this.#log.oldest;
  }

  next(seq: number): Numbered | undefined {
    return this.#log.next(seq);
  }

  place(position: Position): Place {
    return position.kind === 'after' && position.seq > this.latest
      ? this.#log.place(position)
      : placeIn(this.#log, position);
  }

  since(position: Position): Entry[] {
    const { seq, notice } = this.place(position);
    const entries = notice === undefined ? [] : [notice];
    for (let next = this.next(seq); next !== undefined; next = this.next(next.seq)) entries.push(next.entry);
    return entries;
  }

  follow(follower: (entry: Entry) => void): () => void {
    return this.#log.follow(follower);
  }

  settle(): void {}
}
