import type { FastifyReply } from 'fastify';
import { acceptsGzip } from '../compression/accept-encoding.ts';
import { GzipAnswers } from '../compression/gzip-answers.ts';
import type { Position, ReadableLog } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import type { DoorContext } from '../transport.ts';

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

/** An answer that is larger may wait for its client, who is to take it and not to keep it here. */
const LARGE_BYTES = 64 * 1024;

/** Registers `GET path?since=`; without `since` the answer holds all the log has. */
export function routeMessages(
  { app, options }: Pick<DoorContext, 'app' | 'options'>,
  path: string,
  answer: (position: Position, reply: FastifyReply) => Promise<Buffer>,
): void {
  const gzipped = options.values.compression === 'gzip' ? new GzipAnswers() : undefined;
  app.get<{ Querystring: { since?: string | string[] } }>(path, async (request, reply) => {
    const position = parseSince(request.query.since);
    if (position === undefined) return reply.code(400).send({ error: BAD_SINCE });
    const plain = await answer(position, reply);
    const small = acceptsGzip(request.headers['accept-encoding']) ? await gzipped?.of(plain) : undefined;
    const body = small ?? plain;
    if (small !== undefined) reply.header('content-encoding', 'gzip');
    // On the answer itself, where others may have said something of the kind.
    if (gzipped !== undefined) reply.raw.appendHeader('vary', 'Accept-Encoding');
    // Ends the connection when so long nothing of it moves.
    if (body.length > LARGE_BYTES) reply.raw.setTimeout(options.slowMs);
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(body);
  });
}
