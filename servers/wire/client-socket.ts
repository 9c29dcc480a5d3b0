import { createConnection, type Socket } from 'node:net';
import { systemErrorCode } from '../../scenarios/failures.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';

/** All sessions of a process read into this one buffer: it is consumed before the next read can happen. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);
/** Reads of a feed are of few sizes, and a view for each is garbage that has to be collected. */
const VIEWS: (Buffer | undefined)[] = [];
const MOST_VIEWED_BYTES = 4096;

function viewOf(size: number): Buffer {
  if (size > MOST_VIEWED_BYTES) return READ_BUFFER.subarray(0, size);
  return (VIEWS[size] ??= READ_BUFFER.subarray(0, size));
}

interface ClientSocketEvents {
  connected(): void;
  /** `bytes` are only good during the call. */
  readable(bytes: Buffer): void;
  ended(end: SessionEnd): void;
}

/** A TCP connection as the clients use it: Nagle off, no buffer of its own, the end told once with its reason. */
export function openClientSocket({ host, port }: { host: string; port: number }, events: ClientSocketEvents): Socket {
  let end: SessionEnd = { code: 'connection-closed' };
  let connected = false;
  const socket = createConnection({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (size) => {
        events.readable(viewOf(size));
        return true;
      },
    },
  });
  socket.once('connect', () => {
    connected = true;
    events.connected();
  });
  socket.on('error', (error) => {
    end = { code: connected ? 'connection-lost' : 'unreachable', system: systemErrorCode(error) ?? error.message };
  });
  socket.once('close', () => events.ended(end));
  return socket;
}
