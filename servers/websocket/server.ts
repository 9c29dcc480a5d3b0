import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Frame, Position } from '../log.ts';
import { BAD_SINCE, parseSince } from '../position.ts';
import type { DoorContext, OpenDoor } from '../transport.ts';

const PATH = '/ws';
/** The one subprotocol: a text frame holds one JSON message or notice (RFC 6455, section 1.9). */
const SUBPROTOCOL = 'json';
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** Clients only listen; what they say is small. */
const MOST_INCOMING_BYTES = 64 * 1024;
const CLOSE_HANDSHAKE_MS = 1000;
const TEXT = { binary: false } as const;

export const openDoor: OpenDoor = (context) => {
  const { app, log, options } = context;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_INCOMING_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  let draining = false;

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = draining ? refusal(503, 'shutting down') : admit(request, options.origins);
    if (!('position' in verdict)) {
      socket.end(verdict.response);
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => {
      // ws has answered a protocol error with the fitting close code by then; without a listener it would be thrown.
      client.on('error', () => client.terminate());
      for (const frame of log.since(verdict.position)) send(context, client, frame);
    });
  });

  log.follow((frame) => {
    for (const client of server.clients) send(context, client, frame);
  });

  return {
    drain: async () => {
      draining = true;
      await Promise.all([...server.clients].map(goAway));
    },
  };
};

function send({ options, onSlowConsumer }: DoorContext, client: WebSocket, frame: Frame): void {
  if (client.readyState !== client.OPEN) return;
  if (client.bufferedAmount > options.sendBufferBytes) {
    onSlowConsumer();
    client.close(POLICY_VIOLATION, 'too slow: the send buffer is full');
    return;
  }
  client.send(frame, TEXT);
}

async function goAway(client: WebSocket): Promise<void> {
  await new Promise<void>((resolve) => {
    const impatience = setTimeout(() => client.terminate(), CLOSE_HANDSHAKE_MS);
    client.once('close', () => {
      clearTimeout(impatience);
      resolve();
    });
    client.close(GOING_AWAY, 'server shutting down');
  });
}

interface Refusal {
  readonly response: string;
}

/** Decides on an upgrade request before ws sees it: the path, who asks (RFC 6455, section 10.2), and from where. */
function admit(request: IncomingMessage, origins: readonly string[]): { readonly position: Position } | Refusal {
  const url = new URL(request.url ?? '/', 'http://node');
  if (url.pathname !== PATH) return refusal(404, `there is no WebSocket at ${url.pathname}; it is at ${PATH}`);
  if (!originAllowed(request, origins)) return refusal(403, 'this Origin may not connect');
  const position = parseSince(url.searchParams.get('since'), { kind: 'now' });
  return position === undefined ? refusal(400, BAD_SINCE) : { position };
}

/** A program sends no Origin; a page sends that of its own server, or one that was allowed. */
function originAllowed({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  if (headers.origin === undefined || origins.includes('*') || origins.includes(headers.origin)) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

function refusal(status: number, text: string): Refusal {
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  return { response: `${lines.join('\r\n')}\r\n\r\n${text}` };
}
