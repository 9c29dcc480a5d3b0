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

  since(position: Position): Buffer {
    // Who has nothing gets what comes after nothing.
    const seq = position.kind === 'after' ? position.seq : 0;
    // Where something was held back, followers are told, and what is kept here is forgotten.
    this.#log.settle();
    return this.#bySeq.get(seq) ?? this.#make(seq);
  }

  /** The same behind what somebody is told first, and nobody else. */
  behind(first: readonly Entry[], position: Position): Buffer {
    if (first.length === 0) return this.since(position);
    this.#log.settle();
    return encodeAnswer([...first, ...this.#log.since(position)]);
  }

  #make(seq: number): Buffer {
    const answer = encodeAnswer(this.#log.since({ kind: 'after', seq }));
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
