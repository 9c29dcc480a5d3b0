import { isUtf8 } from 'node:buffer';
import type { FastifyError, FastifyReply } from 'fastify';
import { userChannel } from '../../scenarios/feed/channels.ts';
import { type Command, MOST_COMMAND_BYTES, parseCommand } from '../../scenarios/feed/command.ts';
import { type Answer, isAccepted, type RejectionReason } from '../../scenarios/feed/signal.ts';
import type { Identity } from '../hub/admission.ts';
import type { Hub } from '../hub/hub.ts';
import type { DoorContext } from '../transport.ts';
import { type AskedQuery, type CallerRequest, identityOf, refuse, tabOf } from './caller.ts';

const STATUSES = {
  malformed: 400,
  forbidden: 403,
  'out-of-order': 409,
  'too-many': 429,
  unavailable: 503,
} as const satisfies Record<RejectionReason, number>;

const EMPTY = Buffer.alloc(0);
/** As fetch, a form and curl name a text that nobody looked into; what is in it is JSON in any case. */
const TYPES: ReadonlySet<string> = new Set(['application/json', 'text/plain', 'application/x-www-form-urlencoded']);
const OTHER_TYPE = `the body of a command is JSON, and says so: ${[...TYPES].join(', ')}`;
const ENCODED = 'the body of a command is not compressed: Content-Encoding is identity, or absent';
const NOT_UTF8 = 'a command is UTF-8';
const TOO_LARGE = `a command has ${MOST_COMMAND_BYTES} bytes at most`;

/**
 * Registers `POST path`: one command, as JSON, from whoever the request says it is, answered with what became of it.
 */
export function routeCommands({ app, hub }: Pick<DoorContext, 'app' | 'hub'>, path: string): void {
  void app.register(async (scope) => {
    // A body is read once, up to a bound, whatever it is called.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler<FastifyError>((error, _request, reply) => failed(reply, error));
    scope.post<{ Querystring: AskedQuery }>(path, { bodyLimit: MOST_COMMAND_BYTES }, async (request, reply) => {
      if (!isText(request.headers['content-type'])) return rejected(reply.code(415), 'malformed', OTHER_TYPE);
      if (!isPlain(request.headers['content-encoding'])) return rejected(reply.code(415), 'malformed', ENCODED);
      const body = Buffer.isBuffer(request.body) ? request.body : EMPTY;
      if (!isUtf8(body)) return rejected(reply.code(400), 'malformed', NOT_UTF8);
      const command = parseCommand(body.toString());
      if (typeof command === 'string') return rejected(reply.code(400), 'malformed', command);
      const identity = await identityOf(hub, request);
      // It is no answer to the command, which may be said again by whoever is let in.
      if (typeof identity === 'string') return refuse(reply, identity);
      return answer(reply, await obeyed(hub, command, { identity, request }));
    });
  });
}

/** Whoever leaves its own channel is gone: for those who poll, of whom no connection would tell it. */
async function obeyed(
  hub: Hub,
  command: Command,
  { identity, request }: { readonly identity: Identity; readonly request: CallerRequest },
): Promise<Answer> {
  const { user } = identity;
  if (command.type !== 'leave' || user === undefined || command.channel !== userChannel(user))
    return hub.obey(identity, command);
  hub.goodbye({ identity, channels: new Set(), tab: tabOf(request.query) });
  return { seq: hub.log.latest };
}

/** Nothing here is inflated. */
function isPlain(contentEncoding: string | undefined): boolean {
  return contentEncoding === undefined || contentEncoding.trim().toLowerCase() === 'identity';
}

function isText(contentType: string | undefined): boolean {
  return contentType === undefined || TYPES.has((contentType.split(';', 1)[0] ?? '').trim().toLowerCase());
}

function answer(reply: FastifyReply, outcome: Answer): FastifyReply {
  return reply
    .code(isAccepted(outcome) ? 200 : STATUSES[outcome.reason])
    .header('cache-control', 'no-store')
    .send(outcome);
}

function rejected(reply: FastifyReply, reason: RejectionReason, error: string): FastifyReply {
  return reply.header('cache-control', 'no-store').send({ error, reason } satisfies Answer);
}

/** What Fastify refuses by itself: a body that is too large, or not as it was announced; the connection ends with it. */
function failed(reply: FastifyReply, error: FastifyError): void {
  const { statusCode = 500, message } = error;
  // Our own mistakes are for whoever handles them elsewhere.
  if (statusCode >= 500) reply.send(error);
  else rejected(reply.code(statusCode), 'malformed', statusCode === 413 ? TOO_LARGE : message);
}
