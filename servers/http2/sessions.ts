import type { Server } from 'node:http';
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import { takeAsAgreed, takeByFirstBytes } from './protocol-choice.ts';
import { answerAsHttp2, upgradeIn } from './websocket-stream.ts';

interface SessionsOptions {
  /** How long a session may stay without anything that moves, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long a request's body may take to come whole, and a session to ask for something, in milliseconds. */
  readonly requestMs: number;
  /** Those that came when there was no room any more. */
  readonly connections: { isBeyond(socket: object): boolean };
  /** Absent: HTTP/2 is spoken without TLS. */
  readonly tls?: object | undefined;
}

/** At once in a session, as RFC 9113, section 5.1.2, advises at least; a browser never has as many. */
const MOST_STREAMS = 100;
/** How long a connection may stay whose session has ended, in milliseconds. */
const LINGER_MS = 500;
/** As Node has it for HTTP/1.1. */
const MOST_HEAD_BYTES = 16 * 1024;

/**
 * HTTP/2 on the port of a server that speaks HTTP/1.1, to whoever begins so: requests come to that server as all others do, and
 * WebSockets (RFC 8441) as its upgrades. All else is as Node has it.
 */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #options: SessionsOptions;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #surplus = new WeakSet<object>();
  readonly #endSilent: () => void;
  /** Of connections that were taken, those that are there. */
  readonly #sockets = new Set<Socket>();

  constructor(http: Server, options: SessionsOptions) {
    this.#options = options;
    this.#server = createServer({
      settings: {
        enableConnectProtocol: true,
        maxConcurrentStreams: MOST_STREAMS,
        maxHeaderListSize: MOST_HEAD_BYTES,
      },
    });
    this.#server.on('request', (request, response) => {
      if (request.stream.endAfterHeaders) http.emit('request', request, response);
      else this.#awaitBody(request, () => http.emit('request', request, response));
    });
    this.#server.on('connect', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      const upgrade = upgradeIn(request);
      if (upgrade === undefined) {
        response.writeHead(405).end();
        return;
      }
      if (this.#surplus.has(request.stream.session ?? request)) this.#surplus.add(upgrade.socket);
      answerAsHttp2(request.stream);
      http.emit('upgrade', upgrade, request.stream, Buffer.alloc(0));
    });
    const take = (socket: Socket): void => {
      // A server of HTTP/1.1 answers who has said its last; here a peer that has ended is gone.
      socket.allowHalfOpen = false;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      const begin = (session: ServerHttp2Session): void => this.#begin(session, socket);
      // Told during the call, where a session comes of it.
      this.#server.once('session', begin).emit('connection', socket);
      this.#server.off('session', begin);
    };
    this.#endSilent =
      options.tls === undefined ? takeByFirstBytes(http, take, options.requestMs) : takeAsAgreed(http, take);
  }

  /** Whether there was no room for it: for a session, or for what stands for a stream of one. */
  isBeyond(of: object): boolean {
    return this.#surplus.has(of);
  }

  /** Nothing more is begun (GOAWAY), and what has begun goes on to its end. */
  close(): void {
    this.#endSilent();
    for (const session of this.#sessions) session.close();
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #begin(session: ServerHttp2Session, socket: Socket): void {
    const { keepAliveMs, requestMs, connections } = this.#options;
    if (connections.isBeyond(socket)) this.#surplus.add(session);
    this.#sessions.add(session);
    session.once('close', () => {
      this.#sessions.delete(session);
      // Node waits for the peer to end the connection, and over TLS does not always see that it did.
      const patience = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once('close', () => clearTimeout(patience));
    });
    session.setTimeout(requestMs, () => session.close());
    session.once('stream', () => session.setTimeout(keepAliveMs));
  }

  #awaitBody({ stream }: Http2ServerRequest, begin: () => void): void {
    const patience = setTimeout(() => {
      if (!stream.headersSent) stream.respond({ ':status': 408 }, { endStream: true });
      stream.close(constants.NGHTTP2_CANCEL);
    }, this.#options.requestMs);
    const come = (): void => clearTimeout(patience);
    stream.once('end', come).once('close', come);
    begin();
  }
}
