import type { Gunzip, InflateRaw } from 'minizlib';

/** What may come of it instead of bytes. */
export type NotInflated = 'malformed' | 'too-large';

interface Run {
  /** All that came out. */
  readonly bytes: Buffer;
  /** How much of the input belongs to it. */
  readonly takenBytes: number;
}

const EMPTY = Buffer.alloc(0);

/**
 * A zlib stream whose output is there when `run` returns; after a failure it is of no more use. The work is done on the
 * thread that reads: the way to a pool of threads and back costs five times what the work on a message of a feed does, and
 * what comes behind that message would have to wait.
 */
export class Inflation {
  readonly #stream: Gunzip | InflateRaw;
  #parts: Buffer[] = [];
  #failure: NotInflated | undefined;

  constructor(stream: Gunzip | InflateRaw) {
    this.#stream = stream;
    stream.on('data', (part) => this.#parts.push(part));
    stream.on('error', (error) => {
      this.#failure = hasCode(error, 'ERR_BUFFER_TOO_LARGE') ? 'too-large' : 'malformed';
    });
  }

  run(input: Buffer): Run | NotInflated {
    this.#parts = [];
    this.#stream.write(input);
    if (this.#failure !== undefined) return this.#failure;
    const [first = EMPTY, ...others] = this.#parts;
    const bytes = others.length === 0 ? first : Buffer.concat(this.#parts);
    return { bytes, takenBytes: this.#stream.handle?.bytesWritten ?? 0 };
  }

  /** What comes next knows nothing of what came before. */
  reset(): void {
    this.#stream.reset();
  }

  close(): void {
    this.#stream.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
