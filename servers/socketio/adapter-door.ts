import type { Socket as EngineSocket } from 'engine.io';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { FEED_CHANNEL, userChannel } from '../../scenarios/feed/channels.ts';
import { rejected } from '../../scenarios/feed/signal.ts';
import type { Door, DoorContext } from '../transport.ts';
import { openEngine } from './engine.ts';
import { EVENT, EVENT_FORMS } from './event.ts';
import { admitNewcomers, type Newcomer, obeyCommands } from './newcomers.ts';
import { internalsOf } from './sink.ts';

/** How long the library remembers a session that ended: what it has otherwise, and its documentation too. */
const REMEMBERED_MS = 2 * 60 * 1000;

/**
 * The door that leaves delivery to the library. Over an adapter of Socket.IO's own, what this node takes is said to the clients of
 * all nodes, and what others take comes by the adapter. A client hears what comes while it is there, and where the library
 * remembers sessions (`recovery`) whoever comes back gets from it what was said meanwhile. Nothing here sends anything twice.
 */
export function openAdapterDoor(context: DoorContext): Door {
  const { hub, options, adapter, onSlowConsumer } = context;
  const engine = openEngine(context);
  const io = new Server(serverOptions(context)).bind(engine.server);
  const newcomerOf = admitNewcomers(io, hub);
  const form = EVENT_FORMS[options.values.frames ?? 'text'];
  /** Asking what there is may bring about that it is said, and a client hears nothing twice. */
  let arriving: string | undefined;

  // What is in other channels goes by a log that all nodes have.
  io.use((client, next) => next(isOfFeed(newcomerOf(client)) ? undefined : new Error(NO_CHANNELS)));
  io.on('connection', (client) => {
    engine.joined(client);
    const newcomer = newcomerOf(client);
    if (newcomer.identity.user !== undefined) enter(client, newcomer, context);
    obeyCommands(client, async () => rejected('forbidden'));
    if (adapter !== undefined || comesBack(client)) return;
    arriving = client.id;
    const missed = hub.feed.since(newcomer.position);
    arriving = undefined;
    for (const packet of missed.flatMap((entry) => form.packets(entry))) client.conn.write(packet);
  });
  // Of an entry that no value has the text of, what comes next to it: the library carries values, and nothing else.
  hub.feed.follow((entry) => {
    const all = arriving === undefined ? io : io.except(arriving);
    all.emit(EVENT, form.argument(entry) ?? JSON.parse(entry.toString()));
  });

  const slow = setInterval(closeSlow, options.slowMs / CHECKS, new Map<string, number>(), io, {
    ...options,
    close: (client) => {
      onSlowConsumer();
      engine.part(client, options.slowMs);
    },
  } satisfies Patience).unref();

  return {
    drain: async () => {
      clearInterval(slow);
      await engine.drain(options.closeMs);
      await io.close();
    },
  };
}

function serverOptions({ adapter, options: { authMs, values } }: DoorContext): Partial<ServerOptions> {
  return {
    serveClient: false,
    connectTimeout: authMs,
    ...(adapter !== undefined && { adapter }),
    ...(values.recovery === 'library' && {
      // A token may have expired meanwhile.
      connectionStateRecovery: { maxDisconnectionDuration: REMEMBERED_MS, skipMiddlewares: false },
    }),
  };
}

/** Nobody can be told what is in a channel: so it is there for as long as its token is good, and that is all. */
function enter(client: Socket, { identity }: Newcomer, { hub }: DoorContext): void {
  const member = hub.enter(identity, new Set([FEED_CHANNEL]), {
    joined: ignore,
    left: ignore,
    signal: ignore,
    expired: () => client.disconnect(true),
  });
  client.once('disconnect', () => member.leave());
}

const NO_CHANNELS = `there is no channel here but ${FEED_CHANNEL}: the library delivers what is said to all`;

function isOfFeed({ channels, identity: { user } }: Newcomer): boolean {
  if (channels === undefined) return true;
  const own = user === undefined ? [] : [userChannel(user)];
  return channels.has(FEED_CHANNEL) && [...channels].every((name) => name === FEED_CHANNEL || own.includes(name));
}

function ignore(): void {}

/** Whether it shows a session that it had: what it has missed is for the library to know, also where that does not. */
function comesBack({ recovered, handshake }: Socket): boolean {
  const said: Readonly<Record<string, unknown>> = handshake.auth;
  return recovered || said['pid'] !== undefined;
}

interface Patience {
  readonly sendBufferBytes: number;
  readonly slowMs: number;
  close(client: EngineSocket): void;
}

/** How often the time that a client has is looked at. */
const CHECKS = 4;

/** Who has had more than the bound waiting for too long; `beyondSinceMs` remembers since when, by client. */
function closeSlow(beyondSinceMs: Map<string, number>, io: Server, patience: Patience): void {
  const nowMs = performance.now();
  for (const id of beyondSinceMs.keys()) if (!io.sockets.sockets.has(id)) beyondSinceMs.delete(id);
  for (const [id, { conn }] of io.sockets.sockets) {
    if (waitingBytes(conn) <= patience.sendBufferBytes) {
      beyondSinceMs.delete(id);
      continue;
    }
    const sinceMs = beyondSinceMs.get(id) ?? nowMs;
    beyondSinceMs.set(id, sinceMs);
    if (nowMs - sinceMs < patience.slowMs) continue;
    beyondSinceMs.delete(id);
    patience.close(conn);
  }
}

/** What engine.io, ws and the socket hold. */
function waitingBytes(client: EngineSocket): number {
  const { writeBuffer, transport } = internalsOf(client);
  const buffered = writeBuffer.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return buffered + (transport.socket?.bufferedAmount ?? 0);
}
