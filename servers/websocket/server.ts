import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DoorOptions, OpenDoor } from '../transport.ts';
import { admit, refusal } from './admission.ts';
import { Outbox } from './outbox.ts';

/** The one subprotocol: a text frame holds one JSON message or notice (RFC 6455, section 1.9). */
const SUBPROTOCOL = 'json';
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** Clients only listen; what they say is small. */
const MOST_INCOMING_BYTES = 64 * 1024;

export const openDoor: OpenDoor = ({ app, log, options, onSlowConsumer }) => {
  const server = new WebSocketServer(serverOptions(options));
  const outboxes = new Set<Outbox>();
  let draining = false;

  function subscribe(client: WebSocket): Outbox {
    const outbox = new Outbox(client, options.sendBufferBytes, () => {
      onSlowConsumer();
      outbox.clear();
      client.close(POLICY_VIOLATION, 'too slow: the send buffer is full');
    });
    outboxes.add(outbox);
    client.once('close', () => outboxes.delete(outbox));
    // ws answers a protocol error with the fitting close code by itself; without a listener it would be thrown.
    client.on('error', () => outbox.clear());
    return outbox;
  }

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = draining ? refusal(503, 'shutting down') : admit(request, options.origins);
    if ('response' in verdict) {
      refuse(socket, verdict.response);
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => subscribe(client).resume(log.since(verdict.position)));
  });

  log.follow((entry) => {
    for (const outbox of outboxes) outbox.push(entry);
  });

  return {
    drain: async () => {
      draining = true;
      await Promise.all([...outboxes].map(async ({ client }) => goAway(client)));
    },
  };
};

/** The types of ws do not know `closeTimeout` yet, so it could not stand in the call. */
function serverOptions({ closeMs }: DoorOptions) {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MOST_INCOMING_BYTES,
    // A peer that was told to go and does not answer is cut off after this, and what waited for it is freed.
    closeTimeout: closeMs,
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  } as const;
}

/** Node has let go of an upgraded socket: its errors, and its end, are ours. */
function refuse(socket: Duplex, response: string): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(response);
}

/** Resolves when the connection is gone, at the latest when ws loses its patience. */
async function goAway(client: WebSocket): Promise<void> {
  await new Promise<void>((resolve) => {
    client.once('close', () => resolve());
    client.close(GOING_AWAY, 'server shutting down');
  });
}
