import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type ServerOptions, type Socket } from 'engine.io';
import type { Socket as IoSocket } from 'socket.io';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { MOST_COMMAND_BYTES } from '../../scenarios/feed/command.ts';
import { BAD_SINCE, positionIn } from '../feed/position.ts';
import type { DoorContext, DoorOptions, UpgradeRefusal } from '../transport.ts';
import { PATH } from './path.ts';
import { MOST_GUESTS, TOO_MANY_CONNECTIONS } from '../hub/admission.ts';
import { internalsOf } from './sink.ts';

/** A command, and the packet around it. */
const MOST_INCOMING_BYTES = MOST_COMMAND_BYTES + 128;
/** The part of the time between two pings that a client has for a pong, as the library has it: 20 s of 25. */
const PONG_WITHIN = 0.8;
const TOO_MANY_GUESTS = 'too many clients have not said who they are: come back later';

export interface Engine {
  readonly server: Server;
  /** A client was let in: it is no guest any more, and its connection ends with it. */
  joined(client: IoSocket): void;
  /** Closes a client behind what waits for it, and cuts it off if it has not taken that after a time. */
  part(client: Socket, ms: number): void;
  /** Closes all clients; resolves when they are gone, at the latest after `ms`. */
  drain(ms: number): Promise<void>;
}

/**
 * Engine.IO behind the routes of the node, which stand for its own `attach`: so other doors may be on the same port, and who may
 * ask is decided as for them.
 */
export function openEngine(context: DoorContext): Engine {
  const guests = new Set<Socket>();
  const server = new Server({
    ...serverOptions(context.options),
    // Of those whose request says a session that is none.
    allowRequest: (_request, decide) => decide(TOO_MANY_GUESTS, guests.size < MOST_GUESTS),
  });
  const clients = clientsOf(server);
  server.on('connection', (client: Socket) => {
    guests.add(client);
    client.once('close', () => guests.delete(client));
    // Who polls is told of its end when it asks again. The library waits 30 s for one that has said goodbye and never does,
    // and keeps its node alive meanwhile.
    Object.assign(client.transport, { closeTimeout: context.options.closeMs });
  });
  const state = { isDraining: false };
  // The connection of a last answer is to be closed, and not kept for what would be asked next.
  server.on('headers', (headers: Record<string, string>) => {
    if (state.isDraining) Object.assign(headers, { connection: 'close' });
  });
  const refusalOf = (target: string): UpgradeRefusal | undefined => {
    if (positionIn(target) === undefined) return { status: 400, error: BAD_SINCE };
    if (guests.size >= MOST_GUESTS && !saysSession(target)) return { status: 503, error: TOO_MANY_GUESTS };
    return undefined;
  };
  takePolls(context, server, { refusalOf, state });
  const sockets = takeUpgrades(context, server, refusalOf);

  return {
    server,
    joined: (client) => {
      const { conn } = client;
      guests.delete(conn);
      // Some kilobytes, which would be kept as long as the client (Socket.IO's own advice).
      Object.assign(conn, { request: null });
      client.once('disconnect', () => conn.close());
    },
    part,
    drain: async (ms) => {
      state.isDraining = true;
      for (const client of clients) goAway(client);
      await gone(sockets, ms);
      for (const client of clients) client.close(true);
    },
  };
}

type RefusalOf = (target: string) => UpgradeRefusal | undefined;

function takePolls(
  { app }: DoorContext,
  server: Server,
  { refusalOf, state }: { readonly refusalOf: RefusalOf; readonly state: { readonly isDraining: boolean } },
): void {
  app.route({
    method: ['GET', 'POST'],
    url: `${PATH}*`,
    // Before the body is read, which is for the engine to do.
    onRequest: (request, reply) => {
      const refusal = refusalOf(request.url);
      if (refusal !== undefined) {
        reply.code(refusal.status).send({ error: refusal.error });
        return;
      }
      reply.hijack();
      server.handleRequest(request.raw, reply.raw);
    },
    handler: async () => {
      throw new Error('the engine has answered');
    },
  });
  takeBefore(app.server, (request, response) => {
    if (state.isDraining || !isNextPoll(request)) return false;
    server.handleRequest(request, response);
    return true;
  });
}

/** Returns those that were upgraded, which the HTTP server has let go of. */
function takeUpgrades({ onUpgrade, isBeyond }: DoorContext, server: Server, refusalOf: RefusalOf): ReadonlySet<Duplex> {
  const sockets = new Set<Duplex>();
  onUpgrade(PATH, (request, socket, head) => {
    if (isBeyond(socket)) return { status: 503, error: TOO_MANY_CONNECTIONS };
    const refusal = refusalOf(request.url ?? '');
    if (refusal !== undefined) return refusal;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    server.handleUpgrade(request, socket, head);
    return undefined;
  });
  return sockets;
}

function saysSession(target: string): boolean {
  return URL.parse(target, 'http://node')?.searchParams.has('sid') ?? false;
}

/** A poll of a session that was let in, by no page of another origin: there is nothing to decide, and it is what comes most. */
function isNextPoll({ method, url = '', headers: { origin } }: IncomingMessage): boolean {
  return method === 'GET' && origin === undefined && url.startsWith(PATH) && url.includes('sid=');
}

/** As the library attaches itself: what is not taken goes to those that were there before. */
function takeBefore(server: HttpServer, take: (request: IncomingMessage, response: ServerResponse) => boolean): void {
  const before = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!take(request, response)) for (const listener of before) listener.call(server, request, response);
  });
}

const TRANSPORTS: Readonly<Record<ValueOf<'shape'>, NonNullable<ServerOptions['transports']>>> = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
};

/** Where no shape is asked for, clients have the choice. */
function serverOptions({ values: { shape = 'upgrade', compression }, heartbeatMs }: DoorOptions): ServerOptions {
  return {
    transports: [...TRANSPORTS[shape]],
    allowUpgrades: shape === 'upgrade',
    maxHttpBufferSize: MOST_INCOMING_BYTES,
    pingInterval: heartbeatMs,
    pingTimeout: Math.ceil(heartbeatMs * PONG_WITHIN),
    // Without their thresholds, below which a message of a feed would mostly be.
    httpCompression: compression === 'gzip' && { threshold: 0 },
    perMessageDeflate: compression === 'deflate' && { threshold: 0 },
  };
}

/** Those that are connected at the moment. */
function clientsOf(server: Server): ReadonlySet<Socket> {
  const clients = new Set<Socket>();
  server.on('connection', (client: Socket) => {
    clients.add(client);
    client.once('close', (reason: string) => {
      clients.delete(client);
      // The library would say goodbye, and wait half a minute for somebody who is not there.
      if (reason === 'ping timeout') internalsOf(client).transport.socket?.terminate();
    });
    refuseSecondConnect(client);
  });
  return clients;
}

/** Each CONNECT costs the library a socket, and the door a client: thousands fit into one body, and would stop the node for all. */
function refuseSecondConnect(client: Socket): void {
  let hasConnected = false;
  client.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
    if (type !== 'message' || typeof data !== 'string' || !data.startsWith('0')) return;
    if (hasConnected) client.close(true);
    hasConnected = true;
  });
}

function part(client: Socket, ms: number): void {
  const { socket } = internalsOf(client).transport;
  client.close();
  const impatience = setTimeout(() => {
    client.close(true);
    socket?.terminate();
  }, ms);
  if (socket === undefined) client.once('close', () => clearTimeout(impatience));
  else socket.once('close', () => clearTimeout(impatience));
}

/** A WebSocket gets what waits for it and a close; a poll that is held is answered with one, and another is not waited for. */
function goAway(client: Socket): void {
  client.close(client.transport.name === 'polling');
}

/** Resolves when all are closed; those that are not after `ms` are cut off. */
async function gone(sockets: ReadonlySet<Duplex>, ms: number): Promise<void> {
  const impatience = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, ms);
  await Promise.all([...sockets].map(closed));
  clearTimeout(impatience);
}

async function closed(socket: Duplex): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}
