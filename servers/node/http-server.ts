import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Origins } from '../wire/origins.ts';

export interface HttpServerOptions {
  /** How long a connection may stay idle between two requests, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long a connection may take to send a whole request, its body too, in milliseconds. */
  readonly requestMs: number;
  readonly origins: readonly string[];
}

/** How long a browser may remember what a preflight said. */
const PREFLIGHT_GOOD_FOR_S = 600;

/**
 * The HTTP server that all doors of a node share. Who is let in is decided before a request's body is read: only pages that
 * may ask (CORS), only methods that a path has. A request that does not come whole ends its connection.
 */
export function createHttpServer({ keepAliveMs, requestMs, origins }: HttpServerOptions): FastifyInstance {
  const app: FastifyInstance = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    http: {
      headersTimeout: requestMs,
      connectionsCheckingInterval: Math.ceil(requestMs / 4),
      // Any other upgrade (curl --http2 offers one) is left out, and the request answered as it is (RFC 9110, section 7.8).
      shouldUpgradeCallback: ({ headers }) =>
        headers.upgrade?.toLowerCase() === 'websocket' && app.server.listenerCount('upgrade') > 0,
    },
  });
  const guard = new Guard(new Origins(origins));
  app.addHook('onRoute', ({ method, url }) => guard.learn(url, [method].flat()));
  app.addHook('onRequest', (request, reply, admit) => {
    if (guard.answers(request, reply)) return;
    admit();
  });
  return app;
}

class Guard {
  readonly #origins: Origins;
  readonly #methodsByPath = new Map<string, string[]>();

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  learn(path: string, methods: readonly string[]): void {
    this.#methodsByPath.set(path, [...(this.#methodsByPath.get(path) ?? []), ...methods]);
  }

  /** Whether the request is answered already. */
  answers(request: FastifyRequest, reply: FastifyReply): boolean {
    const { origin } = request.headers;
    if (origin !== undefined) {
      const refusal = this.#origins.refusal(request.headers);
      if (refusal !== undefined) return refuse(reply, 403, refusal);
      // On the answer itself: a door that streams takes it out of Fastify's hands.
      reply.raw.setHeader('access-control-allow-origin', origin).setHeader('vary', 'Origin');
    }
    return request.is404 && this.#answersElse(request, reply);
  }

  #answersElse(request: FastifyRequest, reply: FastifyReply): boolean {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = this.#methodsByPath.get(path);
    if (methods === undefined) {
      return refuse(reply, 404, `there is nothing at ${path}; there is ${[...this.#methodsByPath.keys()].join(', ')}`);
    }
    const allowed = [...methods, 'OPTIONS'].join(', ');
    reply.header('allow', allowed);
    if (request.method !== 'OPTIONS') return refuse(reply, 405, `${path} takes ${allowed}, not ${request.method}`);
    if (request.headers.origin !== undefined) answerPreflight(request, reply, allowed);
    reply.code(204).send();
    return true;
  }
}

function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply, allowed: string): void {
  const asked = headers['access-control-request-headers'];
  if (asked !== undefined) reply.header('access-control-allow-headers', asked);
  reply.header('access-control-allow-methods', allowed).header('access-control-max-age', PREFLIGHT_GOOD_FOR_S);
}

/** The connection ends with it, because a body that was announced is not waited for. */
function refuse(reply: FastifyReply, status: number, error: string): true {
  reply.code(status).header('connection', 'close').send({ error });
  return true;
}
