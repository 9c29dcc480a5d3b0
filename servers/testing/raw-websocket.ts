import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import * as ws from 'ws';

const WINDOW_BYTES = 32 * 1024;
const TRAILER_BYTES = 4;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What proves that the request was understood (RFC 6455, section 4.2.2). */
export function acceptFor(request: string): string {
  const key = /\r\nSec-WebSocket-Key: (\S+)/.exec(request)?.[1] ?? '';
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

/** The answer that opens a WebSocket to whoever sent the head, with fields changed, added or (undefined) left out. */
export function handshakeAnswer(request: string, changes: Record<string, string | undefined> = {}): string {
  const fields: Record<string, string | undefined> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptFor(request),
    'Sec-WebSocket-Protocol': 'json',
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return ['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n');
}

export interface FrameShape {
  readonly opcode: number;
  readonly fin?: boolean;
  readonly mask?: boolean;
  readonly rsv1?: boolean;
}

/** How ws itself encodes; its types leave it out. */
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

/** A frame as the ws library encodes it. */
export function encodedFrame(payload: Buffer | string, shape: FrameShape): Buffer {
  const { opcode, fin = true, mask = false, rsv1 = false } = shape;
  return Buffer.concat(Sender.frame(Buffer.from(payload), { opcode, fin, mask, rsv1, readOnly: false }));
}

export function closeFrame(code: number, reason: Buffer | string = ''): Buffer {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  payload.writeUInt16BE(code);
  return encodedFrame(payload, { opcode: 8 });
}

/**
 * Payloads of messages as a sender deflates them one after the other (RFC 7692, section 7.2.1), each referring to those before
 * it where the window takes over.
 */
export function deflated(messages: readonly Buffer[], takesOver = true): Buffer[] {
  let window = Buffer.alloc(0);
  return messages.map((message) => {
    const payload = deflateRawSync(message, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(takesOver && window.length > 0 ? { dictionary: window } : {}),
    });
    window = Buffer.from(Buffer.concat([window, message]).subarray(-WINDOW_BYTES));
    return payload.subarray(0, -TRAILER_BYTES);
  });
}

/** A server that answers a handshake as a test says, down to the byte, and keeps what the client sent after it. */
export interface RawWebSocketServer extends AsyncDisposable {
  readonly port: number;
  /** What each client had sent after its request when its connection ended. */
  readonly sent: Promise<Buffer>;
}

export async function openRawWebSocketServer(
  onRequest: (socket: Socket, request: string) => void,
): Promise<RawWebSocketServer> {
  const sent = Promise.withResolvers<Buffer>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    let received = Buffer.alloc(0);
    let headEnd = -1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sent.resolve(headEnd < 0 ? Buffer.alloc(0) : received.subarray(headEnd + 4)));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (headEnd >= 0) return;
      headEnd = received.indexOf('\r\n\r\n');
      if (headEnd >= 0) onRequest(socket, received.toString('latin1', 0, headEnd));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sent: sent.promise,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The code of the close frame at the end of what a client sent; 1005 where it had none, undefined where there is no frame. */
export function closeCodeSent(sent: Buffer): number | undefined {
  for (let at = 0; at + 6 <= sent.length; ) {
    const length = (sent[at + 1] ?? 0) & 0x7f;
    if (((sent[at] ?? 0) & 0x0f) === 8) {
      const byte = (index: number): number => (sent[at + 6 + index] ?? 0) ^ (sent[at + 2 + index] ?? 0);
      return length === 0 ? 1005 : byte(0) * 256 + byte(1);
    }
    at += 6 + length;
  }
  return undefined;
}
