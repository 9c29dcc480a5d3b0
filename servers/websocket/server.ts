import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Outbox } from '../feed/outbox.ts';
import { BAD_SINCE, positionIn } from '../feed/position.ts';
import type { Departure, DoorOptions, OpenDoor } from '../transport.ts';
import { binaryFrames, TEXT_FRAMES, WebSocketSink } from './sink.ts';
import { chooseSubprotocol, framesOf } from './subprotocols.ts';

/** Going away (RFC 6455, section 7.4.1), and service restart (IANA's registry of close codes). */
const CLOSE_CODES = { 'for-good': 1001, restart: 1012 } as const satisfies Record<Departure, number>;
const POLICY_VIOLATION = 1008;
/** Clients only listen; what they say is small. */
const MOST_INCOMING_BYTES = 64 * 1024;

export const openDoor: OpenDoor = ({ log, options, onSlowConsumer, onUpgrade }) => {
  const server = new WebSocketServer(serverOptions(options));
  const outboxes = new Map<WebSocket, Outbox>();
  const forms = { text: TEXT_FRAMES, binary: binaryFrames() };

  function subscribe(client: WebSocket, socket: Socket): Outbox {
    const form = forms[framesOf(client.protocol) ?? options.values.frames ?? 'text'];
    const outbox = new Outbox(log, new WebSocketSink({ client, socket }, form, options.slowMs), {
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

  onUpgrade('/ws', (request, socket, head) => {
    const position = positionIn(request.url);
    if (position === undefined) return { status: 400, error: BAD_SINCE };
    server.handleUpgrade(request, socket, head, (client) => subscribe(client, request.socket).start(position));
    return undefined;
  });

  log.follow((entry) => {
    for (const outbox of outboxes.values()) outbox.push(entry);
  });

  return {
    drain: async (departure) => {
      const code = CLOSE_CODES[departure];
      await Promise.all([...outboxes.keys()].map(async (client) => goAway(client, code, options.closeMs)));
    },
  };
};

/** The types of ws do not know `closeTimeout` yet, so it could not stand in the call. */
function serverOptions({ slowMs, values }: DoorOptions) {
  return {
    noServer: true,
    clientTracking: false,
    // All as ws has it, but for its threshold: what a client that wants no context takeover gets is compressed too.
    perMessageDeflate: values.compression === 'deflate' && { threshold: 0 },
    maxPayload: MOST_INCOMING_BYTES,
    // A peer that was told to go and does not answer is cut off after this, and what waited for it is freed.
    closeTimeout: slowMs,
    handleProtocols: (offered: ReadonlySet<string>) => chooseSubprotocol(offered),
  };
}

/** Resolves when the connection is gone, at the latest after `closeMs`. */
async function goAway(client: WebSocket, code: number, closeMs: number): Promise<void> {
  const impatience = setTimeout(() => client.terminate(), closeMs);
  await new Promise<void>((resolve) => {
    client.once('close', () => resolve());
    client.close(code, 'server shutting down');
  });
  clearTimeout(impatience);
}
