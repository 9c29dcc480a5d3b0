import type { IncomingMessage, Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { type ServerIdentity, TLS_VERSION } from '../../scenarios/tls/authority.ts';
import type { DoorContext } from '../transport.ts';
import { closing, streamOf } from '../http2/lane.ts';
import { Http2Sessions } from '../http2/sessions.ts';
import { Origins } from '../wire/origins.ts';
import { TOO_MANY_CONNECTIONS } from '../hub/admission.ts';
import { ConnectionBound } from './connection-bound.ts';
import { DeadPeers } from './dead-peers.ts';
import { pathOf, Paths } from './paths.ts';
import { Turns } from './turns.ts';
import { Upgrades } from './upgrades.ts';

export interface HttpServerOptions {
  /** How long a connection may stay idle between two requests, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long a connection may take to send a whole request, its body too, in milliseconds. */
  readonly requestMs: number;
  /** How long a client may leave unacknowledged what was sent to it, in milliseconds. */
  readonly heartbeatMs: number;
  readonly origins: readonly string[];
  /** Connections at once; who comes beyond is told so. */
  readonly mostConnections: number;
  /** What it shows over TLS 1.3; absent: it speaks without. */
  readonly tls?: ServerIdentity | undefined;
  /** Besides HTTP/1.1, which there is in any case. */
  readonly http: ValueOf<'http'>;
}

const NO_TARGET = 'the target of the request is no URL: a % stands before two hexadecimal digits';

/** How long a browser may remember what a preflight said. */
const PREFLIGHT_GOOD_FOR_S = 600;

export interface HttpServer {
  readonly app: FastifyInstance;
  readonly onUpgrade: DoorContext['onUpgrade'];
  readonly isBeyond: DoorContext['isBeyond'];
  /** What is said to whoever wants to upgrade from now on. */
  readonly refuseUpgrades: () => void;
  /** Where HTTP/2 is spoken. */
  readonly http2: Http2Sessions | undefined;
}

/**
 * The HTTP server that all doors of a node share. Who is let in is decided before a request's body is read: only pages that
 * may ask (CORS), only methods that a path has. A request that does not come whole ends its connection; those of one connection
 * are answered one after the other.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { heartbeatMs, origins, mostConnections, tls } = options;
  const allowed = new Origins(origins);
  const upgrades = new Upgrades(allowed);
  const app = openApp(options, upgrades);
  const connections = new ConnectionBound(app.server, mostConnections, tls !== undefined);
  const http2 = options.http === '2' ? new Http2Sessions(app.server, { ...options, connections }) : undefined;
  const isBeyond = (of: object): boolean => connections.isBeyond(of) || http2?.isBeyond(of) === true;
  spareUnsentAnswers(app.server, connections);
  new DeadPeers(connections.sockets, heartbeatMs).watch(app.server);
  const guard = new Guard(allowed);
  const turns = new Turns();
  app.addHook('onRoute', ({ method, url }) => guard.learn(url, [method].flat()));
  app.addHook('onRequest', (request, reply, admit) => {
    turns.take(request.raw, reply.raw, () => {
      if (isBeyond(streamOf(request.raw)?.session ?? request.raw.socket)) refuse(reply, 503, TOO_MANY_CONNECTIONS);
      else if (!guard.answers(request, reply)) admit();
    });
  });
  app.server.on('upgrade', (request, socket, head) => upgrades.take(request, socket, head));
  return {
    app,
    onUpgrade: (path, take) => {
      upgrades.on(path, take);
      if (!path.endsWith('/')) routeUpgradeRequired(app, path);
    },
    isBeyond,
    refuseUpgrades: () => upgrades.close(),
    http2,
  };
}

/** Over TLS too it is to its doors an application over HTTP/1.1, whose server has all that theirs has. */
function openApp(options: HttpServerOptions, upgrades: Upgrades): FastifyInstance {
  const { keepAliveMs, requestMs, tls, http } = options;
  const ofServer = {
    logger: false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    // Its own words repeat the whole target, in which a token may stand.
    frameworkErrors: ({ statusCode = 400 }: { readonly statusCode?: number }, _: unknown, reply: FastifyReply) => {
      void reply.code(statusCode).send({ error: NO_TARGET });
    },
  } as const;
  const ofHttp = {
    headersTimeout: requestMs,
    connectionsCheckingInterval: Math.ceil(requestMs / 4),
    shouldUpgradeCallback: (request: IncomingMessage) => upgrades.has(request),
  };
  if (tls === undefined) return Fastify({ ...ofServer, http: ofHttp });
  const offered = http === '2' ? { ALPNProtocols: ['h2', 'http/1.1'] } : {};
  return Fastify({ ...ofServer, https: { ...ofHttp, ...offered, ...secured(tls, requestMs) } });
}

/** A handshake is a part of the first request: it may take no longer. */
function secured({ certificate, key, ticketKey }: ServerIdentity, requestMs: number): ServerOptions {
  return {
    cert: certificate,
    key,
    minVersion: TLS_VERSION,
    handshakeTimeout: requestMs,
    ...(ticketKey !== undefined && { ticketKeys: Buffer.from(ticketKey, 'base64') }),
  };
}

/** How often it is looked whether what was unsent has gone. */
const UNSENT_CHECK_MS = 10;

/**
 * Node takes a connection for idle whose answer was written, though its client has not taken all of it: a server that closes would
 * cut the answer off. So none is closed while there are bytes to send; who closes must bound that.
 */
function spareUnsentAnswers(server: Server, connections: ConnectionBound): void {
  const closeIdleConnections = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    connections.endGreeting();
    const isSent = [...connections.carriers].every(({ writableLength }) => writableLength === 0);
    if (isSent) closeIdleConnections();
    else setTimeout(() => server.closeIdleConnections(), UNSENT_CHECK_MS).unref();
  };
}

const NO_UPGRADE =
  'this is a WebSocket: it wants GET with "Connection: Upgrade" and "Upgrade: websocket", which a proxy drops unless it is told to pass them on';
const NO_CONNECT = 'this is a WebSocket: over HTTP/2 it wants CONNECT with ":protocol: websocket" (RFC 8441)';

function routeUpgradeRequired(app: FastifyInstance, path: string): void {
  app.get(path, async ({ raw }, reply) =>
    streamOf(raw) === undefined
      ? reply
          .code(426)
          .header('upgrade', 'websocket')
          .header('connection', 'close, upgrade')
          .send({ error: NO_UPGRADE })
      : reply.code(426).send({ error: NO_CONNECT }),
  );
}

class Guard {
  readonly #origins: Origins;
  readonly #methods = new Paths<readonly string[]>();

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  learn(path: string, methods: readonly string[]): void {
    const known = path.replace(/\*$/, '');
    this.#methods.set(known, [...(this.#methods.own(known) ?? []), ...methods]);
  }

  /** Whether the request is answered already. */
  answers(request: FastifyRequest, reply: FastifyReply): boolean {
    const { origin } = request.headers;
    if (origin !== undefined) {
      const refusal = this.#origins.refusal(request.headers);
      if (refusal !== undefined) return refuse(reply, 403, refusal);
      // On the answer itself: a door that streams takes it out of Fastify's hands.
      reply.raw.setHeader('access-control-allow-origin', origin);
      reply.raw.setHeader('vary', 'Origin');
      if (this.#origins.isNamed(origin)) reply.raw.setHeader('access-control-allow-credentials', 'true');
    }
    return request.is404 && this.#answersElse(request, reply);
  }

  #answersElse(request: FastifyRequest, reply: FastifyReply): boolean {
    const path = pathOf(request.url);
    const methods = this.#methods.at(path);
    if (methods === undefined) {
      return refuse(reply, 404, `there is nothing at ${path}; there is ${this.#methods.all.join(', ')}`);
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

/** The connection ends with it, or the stream, because a body that was announced is not waited for. */
function refuse(reply: FastifyReply, status: number, error: string): true {
  reply.code(status).headers(closing(reply.request.raw)).send({ error });
  return true;
}
