import { Readable } from 'node:stream';
import type { Entry, Position, ReadableLog } from '../feed/log.ts';

const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');
/** An entry never holds a line break, so a client can take the array apart without parsing it. */
const BETWEEN = Buffer.from(',\n');

/** The answer to a poll: a JSON array of entries, one a line. */
export function encodeAnswer(entries: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [OPEN];
  for (const [index, entry] of entries.entries()) {
    if (index > 0) parts.push(BETWEEN);
    parts.push(entry);
  }
  parts.push(CLOSE);
  return Buffer.concat(parts);
}

/** A larger answer is not made whole: whoever takes it slowly would keep a copy of the log. */
const MOST_WHOLE_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;

/** An answer with its length in bytes, whole or as it is written. */
export type PollAnswer = Buffer | LongAnswer;

/** Of entries that the log has, made piece by piece as the client takes them. */
export class LongAnswer {
  readonly length: number;
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.length = lengthOf(entries);
  }

  stream(): Readable {
    return Readable.from(this.#pieces(), { objectMode: false });
  }

  *#pieces(): Generator<Buffer> {
    let parts: Buffer[] = [OPEN];
    let bytes = 0;
    for (const [index, entry] of this.#entries.entries()) {
      if (index > 0) parts.push(BETWEEN);
      // A large entry goes out as it is, and no other is copied before its turn.
      if (entry.length < PIECE_BYTES) parts.push(entry);
      bytes += entry.length;
      if (bytes < PIECE_BYTES) continue;
      yield Buffer.concat(parts);
      if (entry.length >= PIECE_BYTES) yield entry;
      parts = [];
      bytes = 0;
    }
    yield Buffer.concat([...parts, CLOSE]);
  }
}

/** The answer that `encodeAnswer` makes, in pieces where it is large. */
export function answerOf(entries: readonly Entry[]): PollAnswer {
  return lengthOf(entries) > MOST_WHOLE_BYTES ? new LongAnswer(entries) : encodeAnswer(entries);
}

function lengthOf(entries: readonly Entry[]): number {
  const between = BETWEEN.length * Math.max(0, entries.length - 1);
  return entries.reduce((sum, { length }) => sum + length, OPEN.length + between + CLOSE.length);
}

/** Bytes of answers that are kept at most, besides the newest: clients at many positions must not multiply the log. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Answers of one log by position, each made once: after an append all held polls ask for the same one. Forgotten with
 * the next append.
 */
export class Answers {
  readonly #log: ReadableLog;
  readonly #mostBytes: number;
  readonly #bySeq = new Map<number, Buffer>();
  #bytes = 0;

  constructor(log: ReadableLog, mostBytes = MOST_KEPT_BYTES) {
    this.#log = log;
    this.#mostBytes = mostBytes;
    log.follow(() => this.#forget());
  }

  since(position: Position): PollAnswer {
    // Who has nothing gets what comes after nothing.
    const seq = position.kind === 'after' ? position.seq : 0;
    // Where something was held back, followers are told, and what is kept here is forgotten.
    this.#log.settle();
    return this.#bySeq.get(seq) ?? this.#make(seq);
  }

  /** The same behind what somebody is told first, and nobody else. */
  behind(first: readonly Entry[], position: Position): PollAnswer {
    if (first.length === 0) return this.since(position);
    this.#log.settle();
    return answerOf([...first, ...this.#log.since(position)]);
  }

  #make(seq: number): PollAnswer {
    const answer = answerOf(this.#log.since({ kind: 'after', seq }));
    if (answer instanceof LongAnswer) return answer;
    if (this.#bytes + answer.length > this.#mostBytes) this.#forget();
    this.#bySeq.set(seq, answer);
    this.#bytes += answer.length;
    return answer;
  }

  #forget(): void {
    this.#bySeq.clear();
    this.#bytes = 0;
  }
}
