import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TakeUpgrade, UpgradeRefusal } from '../transport.ts';
import type { Origins } from '../wire/origins.ts';
import { Paths } from './paths.ts';

const VERSION = '13';
const WRONG_VERSION: UpgradeRefusal = {
  status: 426,
  error: `this is WebSocket of version ${VERSION}`,
  headers: [`Sec-WebSocket-Version: ${VERSION}`, 'Upgrade: websocket'],
};

/**
 * Requests for a WebSocket, by path. What no door takes is a request like any other (RFC 9110, section 7.8), and so answered
 * with what there is at its path, or that there is nothing.
 */
export class Upgrades {
  readonly #takers = new Paths<TakeUpgrade>();
  readonly #origins: Origins;
  #closing = false;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  on(path: string, take: TakeUpgrade): void {
    this.#takers.set(path, take);
  }

  /** Whoever comes from now on is told that the node is closing. */
  close(): void {
    this.#closing = true;
  }

  /** curl --http2 offers another upgrade, which is left out. */
  has({ headers, url }: IncomingMessage): boolean {
    return headers.upgrade?.toLowerCase() === 'websocket' && this.#takers.at(url ?? '') !== undefined;
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request) ?? this.#takers.at(request.url ?? '')?.(request, socket, head);
    if (refusal !== undefined) refuse(socket, refusal);
  }

  #refusalOf({ headers }: IncomingMessage): UpgradeRefusal | undefined {
    if (this.#closing) return { status: 503, error: 'shutting down' };
    // ws speaks version 8 too, whose clients say who they are in another header than Origin (RFC 6455, section 4.4).
    if (headers['sec-websocket-version'] !== VERSION) return WRONG_VERSION;
    const stranger = this.#origins.refusal(headers);
    return stranger === undefined ? undefined : { status: 403, error: stranger };
  }
}

/** Node has let go of an upgraded socket: its errors, and its end, are ours. */
function refuse(socket: Duplex, refusal: UpgradeRefusal): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(answerText(refusal));
}

function answerText({ status, error, headers = [] }: UpgradeRefusal): string {
  const body = JSON.stringify({ error });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    ...headers,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
