import type { Socket as EngineSocket } from 'engine.io';
import { Server, type ServerOptions } from 'socket.io';
import type { Door, DoorContext } from '../transport.ts';
import { openEngine } from './engine.ts';
import { EVENT, EVENT_FORMS } from './event.ts';
import { internalsOf } from './sink.ts';

/**
 * The door over an adapter of Socket.IO's own: what this node takes is said to the clients of all nodes, what others take comes
 * by the adapter, and a client hears what comes while it is there. Nothing here sends anything twice.
 */
export function openAdapterDoor(context: DoorContext, adapter: ServerOptions['adapter']): Door {
  const { log, options, onSlowConsumer } = context;
  const engine = openEngine(context);
  const io = new Server({ serveClient: false, adapter }).bind(engine.server);
  io.on('connection', ({ conn }) => {
    // Some kilobytes, which would be kept as long as the client (Socket.IO's own advice).
    Object.assign(conn, { request: null });
  });
  const form = EVENT_FORMS[options.values.frames ?? 'text'];
  // Of an entry that no value has the text of, what comes next to it: an adapter carries values, and nothing else.
  log.follow((entry) => io.emit(EVENT, form.argument(entry) ?? JSON.parse(entry.toString())));

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
