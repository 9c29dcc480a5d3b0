import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that answers as a test says, down to the byte. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** The heads of all requests that came, on whatever connection. */
  readonly requests: readonly string[];
  cut(): void;
  /** Breaks all connections and takes no other. */
  stop(): Promise<void>;
}

/** `onRequest` is called with each request's head, however the network cut it. */
export async function openTestServer(onRequest: (socket: Socket, head: string) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    let pending = '';
    sockets.add(socket);
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      const heads = (pending + chunk).split('\r\n\r\n');
      pending = heads.pop() ?? '';
      for (const head of heads) {
        requests.push(head);
        onRequest(socket, head);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  async function stop(): Promise<void> {
    cut();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  }

  return {
    port: (server.address() as AddressInfo).port,
    requests,
    cut,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Each piece goes out when the kernel has taken the one before; Nagle is off, so each is a segment of its own. Resolves when
 * all are out, or when the client has gone.
 */
export async function writePieces(socket: Socket, bytes: Buffer, ends: readonly number[]): Promise<void> {
  let start = 0;
  for (const end of ends) {
    const piece = bytes.subarray(start, end);
    start = end;
    await new Promise<void>((resolve) => {
      socket.write(piece, () => setImmediate(resolve));
    });
    if (socket.destroyed) return;
  }
}
