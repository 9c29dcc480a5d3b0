import { createConnection, type Socket } from 'node:net';

/** All sessions of a process read into this one buffer: it is consumed before the next read can happen. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

interface ClientSocketEvents {
  connected(): void;
  /** `bytes` are only good during the call. */
  readable(bytes: Buffer): void;
  ended(reason: string): void;
}

/** A TCP connection as the clients use it: Nagle off, no buffer of its own, the end told once with its reason. */
export function openClientSocket(address: { host: string; port: number }, events: ClientSocketEvents): Socket {
  let reason = 'the server closed the connection';
  const socket = createConnection({
    ...address,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (size) => {
        events.readable(READ_BUFFER.subarray(0, size));
        return true;
      },
    },
  });
  socket.once('connect', () => events.connected());
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.once('close', () => events.ended(reason));
  return socket;
}
