import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type ServerOptions, type Socket } from 'engine.io';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { BAD_SINCE, parseSince, positionIn } from '../feed/position.ts';
import type { DoorContext, DoorOptions } from '../transport.ts';
import { PATH } from './path.ts';
import { internalsOf } from './sink.ts';

/** Clients only listen; what they say is small. */
const MOST_INCOMING_BYTES = 64 * 1024;

interface Engine {
  readonly server: Server;
  /** Closes a client behind what waits for it, and cuts it off if it has not taken that after a time. */
  part(client: Socket, ms: number): void;
  /** Closes all clients; resolves when they are gone, at the latest after `ms`. */
  drain(ms: number): Promise<void>;
}

/**
 * Engine.IO behind the routes of the node, which stand for its own `attach`: so other doors may be on the same port, and who may
 * ask is decided as for them.
 */
export function openEngine({ app, onUpgrade, options }: DoorContext): Engine {
  const server = new Server(serverOptions(options));
  const clients = clientsOf(server);
  /** Those that were upgraded, which the HTTP server has let go of. */
  const sockets = new Set<Duplex>();
  let draining = false;

  // The connection of a last answer is to be closed, and not kept for what would be asked next.
  server.on('headers', (headers: Record<string, string>) => {
    if (draining) Object.assign(headers, { connection: 'close' });
  });

  app.route<{ Querystring: { since?: string | string[] } }>({
    method: ['GET', 'POST'],
    url: `${PATH}*`,
    // Before the body is read, which is for the engine to do.
    onRequest: (request, reply) => {
      if (parseSince(request.query.since) === undefined) {
        reply.code(400).send({ error: BAD_SINCE });
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
    if (draining || !isNextPoll(request)) return false;
    server.handleRequest(request, response);
    return true;
  });

  onUpgrade(PATH, (request, socket, head) => {
    if (positionIn(request.url) === undefined) return { status: 400, error: BAD_SINCE };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    server.handleUpgrade(request, socket, head);
    return undefined;
  });

  return {
    server,
    part,
    drain: async (ms) => {
      draining = true;
      for (const client of clients) goAway(client);
      await gone(sockets, ms);
      for (const client of clients) client.close(true);
    },
  };
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
function serverOptions({ values: { shape = 'upgrade', compression } }: DoorOptions): ServerOptions {
  return {
    transports: [...TRANSPORTS[shape]],
    allowUpgrades: shape === 'upgrade',
    maxHttpBufferSize: MOST_INCOMING_BYTES,
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
    client.once('close', () => clients.delete(client));
    refuseSecondConnect(client);
  });
  return clients;
}

/**
 * Each CONNECT costs the library a socket, and the door a client: thousands fit into one body, and would stop the node for all. A
 * client that says DISCONNECT first may come back on the same connection.
 */
function refuseSecondConnect(client: Socket): void {
  let hasConnected = false;
  client.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
    if (type !== 'message' || typeof data !== 'string') return;
    if (data.startsWith('0') && hasConnected) client.close(true);
    if (data.startsWith('0')) hasConnected = true;
    if (data.startsWith('1')) hasConnected = false;
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
