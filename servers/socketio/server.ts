import type { Socket as EngineSocket } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import { EncodedOnce } from '../feed/encoded-once.ts';
import { Outbox } from '../feed/outbox.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import type { OpenDoor } from '../transport.ts';
import { openAdapterDoor } from './adapter-door.ts';
import { openEngine } from './engine.ts';
import { EVENT, EVENT_FORMS, type Packet } from './event.ts';
import { EngineSink } from './sink.ts';

/**
 * Socket.IO as people run it: what all clients get goes out by one `emit`, which encodes it once. A client that is behind, because it
 * missed something or does not keep up, is left out of that and gets what it lacks from the log by itself.
 */
export const openDoor: OpenDoor = (context) => {
  if (context.adapter !== undefined) return openAdapterDoor(context, context.adapter);
  const { log, options, onSlowConsumer } = context;
  const engine = openEngine(context);
  const io = new Server({ serveClient: false }).bind(engine.server);
  const form = EVENT_FORMS[options.values.frames ?? 'text'];
  const packets = new EncodedOnce((entry) => form.packets(entry));
  const outboxes = new Map<string, Outbox>();

  io.use((client, next) => next(parseSince(sinceOf(client)) === undefined ? new Error(BAD_SINCE) : undefined));
  io.on('connection', (client) => {
    const { conn } = client;
    const position = parseSince(sinceOf(client)) ?? { kind: 'oldest' };
    forgetRequest(conn);
    const outbox = new Outbox(log, new EngineSink(conn, packets, options.slowMs), {
      sendBufferBytes: options.sendBufferBytes,
      onSlow: () => {
        onSlowConsumer();
        engine.part(conn, options.slowMs);
      },
    });
    outboxes.set(client.id, outbox);
    client.once('disconnect', () => {
      outbox.end();
      outboxes.delete(client.id);
    });
    // In the same turn in which the client joined, so that the next broadcast is what comes after.
    outbox.start(position);
  });

  log.follow((entry) => {
    const apart: string[] = [];
    for (const [id, outbox] of outboxes) if (!outbox.follows(entry)) apart.push(id);
    if (apart.length === outboxes.size) return;
    const argument = form.argument(entry);
    if (argument === undefined) sendToEach(io, packets.of(entry), apart);
    else io.local.except(apart).emit(EVENT, argument);
  });

  return {
    drain: async () => {
      await engine.drain(options.closeMs);
      await io.close();
    },
  };
};

/** Past the encoder of the library, to all but those. */
function sendToEach(io: Server, packets: readonly Packet[], apart: readonly string[]): void {
  for (const [id, { conn }] of io.sockets.sockets) {
    if (!apart.includes(id)) for (const packet of packets) conn.write(packet);
  }
}

/** In the query of the handshake, or in what a client says anew each time it connects. */
function sinceOf({ handshake }: Socket): string | string[] | undefined {
  const { since } = handshake.auth as { since?: unknown };
  if (since === undefined) return handshake.query['since'];
  return typeof since === 'string' || typeof since === 'number' ? String(since) : '';
}

/** The first request of a client is some kilobytes, and would be kept as long as the client (Socket.IO's own advice). */
function forgetRequest(client: EngineSocket): void {
  Object.assign(client, { request: null });
}
