import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay before a server; while it stalls, nothing that the server sends is read. */
export interface TestRelay extends AsyncDisposable {
  readonly port: number;
  /** Of all connections, from the server to its clients and the other way. */
  readonly bytesDown: number;
  readonly bytesUp: number;
  stall(): void;
  resume(): void;
  /** Breaks all connections. */
  cut(): void;
}

export async function openTestRelay(serverPort: number): Promise<TestRelay> {
  const upstreams = new Set<Socket>();
  let bytesDown = 0;
  let bytesUp = 0;
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    upstreams.add(upstream);
    upstream.once('close', () => upstreams.delete(upstream));
    client.on('data', (bytes) => (bytesUp += bytes.length));
    upstream.on('data', (bytes) => (bytesDown += bytes.length));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('end', () => to.end());
      from.on('close', () => to.destroySoon());
      // A connection that breaks is told of by its close.
      from.on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    for (const upstream of upstreams) upstream.destroy();
  }

  return {
    port: (server.address() as AddressInfo).port,
    get bytesDown() {
      return bytesDown;
    },
    get bytesUp() {
      return bytesUp;
    },
    stall: () => {
      for (const upstream of upstreams) upstream.pause();
    },
    resume: () => {
      for (const upstream of upstreams) upstream.resume();
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
