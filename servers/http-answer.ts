import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Log, Position } from './log.ts';
import { BAD_SINCE, parseSince } from './position.ts';

const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');
/** A frame never holds a line break, so a client can take the array apart without parsing it. */
const BETWEEN = Buffer.from(',\n');

/** The answer to a poll: a JSON array of frames, one a line. */
export function encodeAnswer(frames: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [OPEN];
  for (const [index, frame] of frames.entries()) {
    if (index > 0) parts.push(BETWEEN);
    parts.push(frame);
  }
  parts.push(CLOSE);
  return Buffer.concat(parts);
}

/**
 * Answers of one log by position, each made once: after an append all held polls ask for the same one. Forgotten with
 * the next append.
 */
export class Answers {
  readonly #log: Log;
  readonly #bySeq = new Map<number, Buffer>();

  constructor(log: Log) {
    this.#log = log;
    log.follow(() => this.#bySeq.clear());
  }

  since(position: Position): Buffer {
    if (position.kind !== 'after') return encodeAnswer(this.#log.since(position));
    let answer = this.#bySeq.get(position.seq);
    if (answer === undefined) {
      answer = encodeAnswer(this.#log.since(position));
      this.#bySeq.set(position.seq, answer);
    }
    return answer;
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
