import { type ProtocolCause, type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { GzipReader } from '../compression/gzip-reader.ts';
import type { NotInflated } from '../compression/inflation.ts';
import type { AnswerHead } from './answer-head.ts';
import { PendingBytes } from './pending-bytes.ts';

const OK = 200;
/** Above what any log holds. */
const MOST_BODY_BYTES = 1024 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
/** Sessions of a process read one answer after the other. */
const gzipReader = new GzipReader(MOST_BODY_BYTES);
const NOT_INFLATED = { malformed: 'gzip', 'too-large': 'large-body' } as const satisfies Record<
  NotInflated,
  ProtocolCause
>;

/** The bodies of a client's answers, one after the other, each as a whole. */
export class AnswerBody {
  readonly #readsGzip: boolean;
  readonly #parts = new PendingBytes();
  /** The last part, which is not copied: an answer mostly comes in one piece. */
  #lastPart: Buffer = EMPTY;
  #isGzip = false;

  constructor(readsGzip: boolean) {
    this.#readsGzip = readsGzip;
  }

  /** The end of a session that got an answer of that head; undefined where the body will be read. */
  begin({ status, reason, fields }: AnswerHead): SessionEnd | undefined {
    const coding = fields.get('content-encoding')?.toLowerCase();
    this.#isGzip = coding === 'gzip' && this.#readsGzip;
    if (status !== OK) return statusEnd(status, reason);
    // Compressed by something on the way, or in a way that nobody asked for, whatever the headers said.
    return coding !== undefined && !this.#isGzip ? { code: 'protocol', cause: 'content-encoding' } : undefined;
  }

  /** The same of a body that is too large. */
  take(bytes: Buffer, isLast: boolean): SessionEnd | undefined {
    if (this.#parts.length + bytes.length > MOST_BODY_BYTES) return { code: 'protocol', cause: 'large-body' };
    if (isLast) this.#lastPart = bytes;
    else this.#parts.keep(this.#parts.join(bytes), 0);
    return undefined;
  }

  /** All of it, good until `clear`; or the end of a session whose body cannot be read. */
  whole(): Buffer | SessionEnd {
    const sent = this.#parts.join(this.#lastPart);
    this.#parts.keep(sent, sent.length);
    const body = this.#isGzip ? gzipReader.read(sent) : sent;
    return typeof body === 'string' ? { code: 'protocol', cause: NOT_INFLATED[body] } : body;
  }

  /** Lets go of it: the next may come. */
  clear(): void {
    this.#lastPart = EMPTY;
  }
}
