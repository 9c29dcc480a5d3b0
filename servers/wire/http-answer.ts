import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Log, Position } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';

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
  readonly #log: Log;
  readonly #bySeq = new Map<number, Buffer>();
  #bytes = 0;

  constructor(log: Log) {
    this.#log = log;
    log.follow(() => this.#forget());
  }

  since(position: Position): Buffer {
    if (position.kind !== 'after') return encodeAnswer(this.#log.since(position));
    return this.#bySeq.get(position.seq) ?? this.#make(position);
  }

  #make(position: Position & { kind: 'after' }): Buffer {
    const answer = encodeAnswer(this.#log.since(position));
    if (this.#bytes + answer.length > MOST_KEPT_BYTES) this.#forget();
    this.#bySeq.set(position.seq, answer);
    this.#bytes += answer.length;
    return answer;
  }

  #forget(): void {
    this.#bySeq.clear();
    this.#bytes = 0;
  }
}

/** Registers `GET /messages?since=`; without `since` the answer holds all the log has. */
export function routeMessages(
  app: FastifyInstance,
  answer: (position: Position, reply: FastifyReply) => Promise<Buffer>,
): void {
  app.get<{ Querystring: { since?: string } }>('/messages', async (request, reply) => {
    const position = parseSince(request.query.since, { kind: 'oldest' });
    if (position === undefined) return reply.code(400).send({ error: BAD_SINCE });
    const body = await answer(position, reply);
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(body);
  });
}
