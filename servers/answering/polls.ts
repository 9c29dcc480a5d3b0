import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeSignal } from '../../scenarios/feed/signal.ts';
import { acceptsGzip } from '../compression/accept-encoding.ts';
import { GzipAnswers } from '../compression/gzip-answers.ts';
import type { Entry, Position } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import type { Refusal } from '../hub/admission.ts';
import type { Caller, Hub } from '../hub/hub.ts';
import type { Visit } from '../hub/visits.ts';
import { closing, endIfStuck, streamOf } from '../http2/lane.ts';
import type { DoorContext } from '../transport.ts';
import { LongAnswer, type PollAnswer } from '../wire/http-answer.ts';
import { caughtUp } from './catch-up.ts';
import { type AskedQuery, callerOf, isAnybody, isListener, refuse } from './caller.ts';
import { answerState, type ReadState } from './feed-state.ts';

/** How a door answers those who poll. */
export interface Polls {
  /** To whoever follows the feed without a name; without a position all that the log has. */
  anybody(position: Position, reply: FastifyReply): Promise<PollAnswer>;
  /** To whoever has a name, or follows channels; or why no longer. */
  caller(caller: Caller, position: Position, reply: FastifyReply): Promise<PollAnswer | Refusal>;
  /** Where clients get the newest of each key: all that there is, for whoever follows the feed and says no position. */
  readonly state?: States;
}

interface States {
  /** Of the feed. */
  readonly identity: string;
  readonly read: ReadState;
}

/** What the head of an answer says of keeping it. */
interface Keeping {
  readonly cacheControl: 'no-store' | 'no-cache';
  readonly tag?: string;
}

const NOT_KEPT: Keeping = { cacheControl: 'no-store' };

/** An answer that is larger may wait for its client, who is to take it and not to keep it here. */
const LARGE_BYTES = 64 * 1024;

/** Undefined where the answer is smaller as it is; what is not made whole is compressed as it is written. */
async function smaller(gzipped: GzipAnswers, plain: PollAnswer): Promise<Buffer | Readable | undefined> {
  return plain instanceof LongAnswer ? pipeline(plain.stream(), createGzip(), () => undefined) : gzipped.of(plain);
}

type PollsContext = Pick<DoorContext, 'app' | 'hub' | 'options' | 'readOrigin'>;

/** Registers `GET path?since=`. */
export function routeMessages(context: PollsContext, path: string, polls: Polls): void {
  const { app, hub, options } = context;
  const gzipped = options.values.compression === 'gzip' ? new GzipAnswers() : undefined;

  function compresses({ request }: FastifyReply): boolean {
    return gzipped !== undefined && acceptsGzip(request.headers['accept-encoding']);
  }

  function mark(reply: FastifyReply, { cacheControl, tag }: Keeping): FastifyReply {
    // On the answer itself, where others may have said something of the kind.
    if (gzipped !== undefined) reply.raw.appendHeader('vary', 'Accept-Encoding');
    if (options.values.keepalive === 'cold') {
      reply.headers(closing(reply.request.raw));
      // Nothing is asked any more in a session that is told so (GOAWAY), and this is answered.
      streamOf(reply.request.raw)?.session?.close();
    }
    if (tag !== undefined) reply.header('etag', tag);
    return reply.header('cache-control', cacheControl);
  }

  async function send(reply: FastifyReply, plain: PollAnswer, keeping = NOT_KEPT): Promise<FastifyReply> {
    const small = gzipped !== undefined && compresses(reply) ? await smaller(gzipped, plain) : undefined;
    const body = small ?? plain;
    if (small !== undefined) reply.header('content-encoding', 'gzip');
    else if (plain instanceof LongAnswer) reply.header('content-length', plain.length);
    // Ends the connection when so long nothing of it moves.
    if (!Buffer.isBuffer(body) || body.length > LARGE_BYTES) endIfStuck(reply.raw, options.slowMs);
    return mark(reply.header('content-type', 'application/json; charset=utf-8'), keeping).send(
      body instanceof LongAnswer ? body.stream() : body,
    );
  }

  async function sendState(reply: FastifyReply, states: States, first: readonly Entry[]): Promise<FastifyReply> {
    const { identity, read } = states;
    const answer = await read((state) => answerState(reply.request, state, { identity, first }));
    const { tag, body, isForAll } = answer;
    // The same state in other bytes (RFC 9110, section 8.8.1).
    const isWeak = compresses(reply) || !isForAll;
    const keeping: Keeping = { cacheControl: isForAll ? 'no-cache' : 'no-store', tag: isWeak ? `W/${tag}` : tag };
    return body === undefined ? mark(reply.code(304), keeping).send() : send(reply, body, keeping);
  }

  app.get<{ Querystring: AskedQuery }>(path, async (request, reply) => {
    const position = parseSince(request.query.since);
    if (position === undefined) return reply.code(400).send({ error: BAD_SINCE });
    await caughtUp(context, position);
    const state = position.kind === 'oldest' ? polls.state : undefined;
    if (isAnybody(hub, request.query))
      return state === undefined ? send(reply, await polls.anybody(position, reply)) : sendState(reply, state, []);
    const caller = await callerOf(hub, request);
    if (typeof caller === 'string') return refuse(reply, caller);
    if (state !== undefined && isListener(hub, caller))
      return sendState(reply, state, await greetingFor(hub, caller, request));
    const answer = await polls.caller(caller, position, reply);
    return typeof answer === 'string' ? refuse(reply, answer) : send(reply, answer);
  });
}

/** Who shows a tag was greeted when it was given that. */
async function greetingFor(hub: Hub, caller: Caller, { headers }: FastifyRequest): Promise<Entry[]> {
  if (headers['if-none-match'] !== undefined) return [];
  return welcomeFor(hub, caller, { visit: undefined, position: { kind: 'oldest' } });
}

/**
 * What a client that polls is told before all else: `welcome`, where it has a name and was away, or begins anew. A poll has no
 * connection that would tell when that is.
 */
export async function welcomeFor(
  hub: Hub,
  { identity }: Caller,
  { visit, position }: { readonly visit: Visit | undefined; readonly position: Position },
): Promise<Entry[]> {
  const isWelcome = identity.user !== undefined && (visit?.polls === 1 || position.kind === 'oldest');
  return isWelcome ? [encodeSignal(await hub.welcome(identity))] : [];
}
