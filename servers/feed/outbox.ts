import type { Entry, Position, ReadableLog } from './log.ts';

/** One connection of a door that pushes, as its outbox sees it. */
export interface Sink {
  /** False once the connection is closing. */
  readonly open: boolean;
  /** Bytes that were sent and that the system has not taken yet. */
  readonly waitingBytes: number;
  /** `taken` is called later, never during the call, once the system has all of it or the connection is gone. */
  send(entry: Entry, taken?: () => void): void;
  /** From now on, calls `stalled` when nothing has been taken for the time that a client has; undefined ends that. */
  watch(stalled: (() => void) | undefined): void;
}

interface OutboxOptions {
  /** So much may wait in the connection itself; one entry may go beyond it, so that it may have any size. */
  readonly sendBufferBytes: number;
  /** The client does not keep up: told once, why in words, after which the outbox sends nothing. */
  readonly onSlow: (reason: string) => void;
}

/**
 * What one client still has to get: a place in the log, and no queue. What the connection does not take waits in the log,
 * where it is for everybody, so clients that are far behind cost nothing each, and may be as far behind as the log is long.
 *
 * A client is slow when it takes nothing for a time, or when the log no longer holds what it has to get next though it
 * once had everything. One that is still catching up with what it missed is told of the gap instead.
 */
export class Outbox {
  readonly #log: ReadableLog;
  readonly #sink: Sink;
  readonly #options: OutboxOptions;
  /** `behind` while the connection is to say when it has taken what it has. */
  #state: 'following' | 'behind' | 'ended' = 'behind';
  /** The last sequence number that was sent, or that the client had. */
  #seq = 0;
  #hadEverything = false;

  constructor(log: ReadableLog, sink: Sink, options: OutboxOptions) {
    this.#log = log;
    this.#sink = sink;
    this.#options = options;
  }

  /** The client is sent all that is for it up to this number, and nothing behind it. */
  get position(): number {
    return this.#state === 'following' ? this.#log.latest : this.#seq;
  }

  /** Where the client will begin, which is told something else first. */
  hold(position: Position): void {
    this.#seq = this.#log.place(position).seq;
  }

  /** Sends what the client missed, no faster than it is taken, and goes on with what comes. */
  start(position: Position): void {
    if (this.#state === 'ended') return;
    const { seq, notice } = this.#log.place(position);
    this.#seq = seq;
    if (notice !== undefined) this.#sink.send(notice);
    this.#pump();
  }

  /** Called with each entry that the log gets from `start` on. */
  push(entry: Entry): void {
    if (this.follows(entry)) this.#sink.send(entry);
  }

  /** The same where all clients are sent an entry at once: whether this one is to be among them, or gets it by itself. */
  follows(entry: Entry): boolean {
    if (this.#state === 'following') return this.#follow(entry);
    if (this.#state === 'behind') this.#lag();
    return false;
  }

  end(): void {
    this.#state = 'ended';
    this.#sink.watch(undefined);
  }

  #follow(entry: Entry): boolean {
    if (!this.#sink.open) return false;
    this.#seq = this.#log.latest;
    if (this.#sink.waitingBytes <= this.#options.sendBufferBytes) return true;
    this.#sendAndWait(entry);
    return false;
  }

  #lag(): void {
    // The log holds nothing when it lost messages itself: that is not the client's doing.
    if (this.#log.oldest > this.#log.latest) this.#hadEverything = false;
    else if (this.#hadEverything && this.#seq + 1 < this.#log.oldest) {
      this.#slow('too slow: the log no longer holds what comes next');
    }
  }

  #sendAndWait(entry: Entry): void {
    this.#state = 'behind';
    this.#sink.send(entry, () => this.#pump());
    this.#sink.watch(() => this.#slow('too slow: nothing was taken for too long'));
  }

  #pump(): void {
    if (this.#state !== 'behind') return;
    this.#sink.watch(undefined);
    while (this.#sink.open && this.#seq < this.#log.latest) {
      const entry = this.#next();
      if (entry === undefined) break;
      if (this.#sink.waitingBytes > this.#options.sendBufferBytes) {
        this.#sendAndWait(entry);
        return;
      }
      this.#sink.send(entry);
    }
    this.#state = 'following';
    this.#hadEverything = true;
  }

  /** What comes after what was sent: the next message, or the notice that there is a gap before it. None where all the rest is not for this client. */
  #next(): Entry | undefined {
    const next = this.#log.next(this.#seq);
    if (next !== undefined) {
      this.#seq = next.seq;
      return next.entry;
    }
    const { seq, notice } = this.#log.place({ kind: 'after', seq: this.#seq });
    this.#seq = notice === undefined ? this.#log.latest : seq;
    return notice;
  }

  #slow(reason: string): void {
    this.end();
    this.#options.onSlow(reason);
  }
}
