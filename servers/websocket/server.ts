import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { Outbox } from '../feed/outbox.ts';
import type { DoorOptions, OpenDoor } from '../transport.ts';
import { Origins } from '../wire/origins.ts';
import { admit, PATH, refusal } from './admission.ts';
import { WebSocketSink } from './sink.ts';

/** The one subprotocol: a text frame holds one JSON message or notice (RFC 6455, section 1.9). */
const SUBPROTOCOL = 'json';
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** Clients only listen; what they say is small. */
const MOST_INCOMING_BYTES = 64 * 1024;

export const openDoor: OpenDoor = ({ app, log, options, onSlowConsumer }) => {
  const server = new WebSocketServer(serverOptions(options));
  const origins = new Origins(options.origins);
  const outboxes = new Map<WebSocket, Outbox>();
  let draining = false;

  function subscribe(client: WebSocket, socket: Socket): Outbox {
    const outbox = new Outbox(log, new WebSocketSink(client, socket, options.slowMs), {
      sendBufferBytes: options.sendBufferBytes,
      onSlow: (reason) => {
        onSlowConsumer();
        // It goes out behind what waits already, so the client can see it if it reads again in time.
        client.close(POLICY_VIOLATION, reason);
      },
    });
    outboxes.set(client, outbox);
    client.once('close', () => {
      outbox.end();
      outboxes.delete(client);
    });
    // ws answers a protocol error with the fitting close code by itself; without a listener it would be thrown.
    client.on('error', () => outbox.end());
    return outbox;
  }

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = draining ? refusal(503, 'shutting down') : admit(request, origins);
    if ('response' in verdict) {
      refuse(socket, verdict.response);
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => subscribe(client, request.socket).start(verdict.position));
  });

  app.get(PATH, async (_request, reply) =>
    reply.code(426).header('upgrade', 'websocket').header('connection', 'upgrade').send({ error: NO_UPGRADE }),
  );

  log.follow((entry) => {
    for (const outbox of outboxes.values()) outbox.push(entry);
  });

  return {
    drain: async () => {
      draining = true;
      await Promise.all([...outboxes.keys()].map(async (client) => goAway(client, options.closeMs)));
    },
  };
};

const NO_UPGRADE =
  'this is a WebSocket: it wants GET with "Connection: Upgrade" and "Upgrade: websocket", which a proxy drops unless it is told to pass them on';

/** The types of ws do not know `closeTimeout` yet, so it could not stand in the call. */
function serverOptions({ slowMs }: DoorOptions) {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MOST_INCOMING_BYTES,
    // A peer that was told to go and does not answer is cut off after this, and what waited for it is freed.
    closeTimeout: slowMs,
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  } as const;
}

/** Node has let go of an upgraded socket: its errors, and its end, are ours. */
function refuse(socket: Duplex, response: string): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(response);
}

/** Resolves when the connection is gone, at the latest after `closeMs`. */
async function goAway(client: WebSocket, closeMs: number): Promise<void> {
  const impatience = setTimeout(() => client.terminate(), closeMs);
  await new Promise<void>((resolve) => {
    client.once('close', () => resolve());
    client.close(GOING_AWAY, 'server shutting down');
  });
  clearTimeout(impatience);
}
