import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay before a server; while it stalls, nothing that the server sends is read. */
export interface TestRelay extends AsyncDisposable {
  readonly port: number;
  /** Of all connections, from the server to its clients and the other way. */
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** What clients have sent, one chunk after the other. */
  readonly asked: readonly string[];
  stall(): void;
  resume(): void;
  /** Breaks all connections. */
  cut(): void;
  /** The same, and lets nobody in until it is up again. */
  down(): void;
  up(): void;
}

export async function openTestRelay(serverPort: number): Promise<TestRelay> {
  const upstreams = new Set<Socket>();
  const asked: string[] = [];
  const state = { isDown: false, bytesDown: 0 };
  const server = createServer((client) => {
    if (state.isDown) {
      client.destroy();
      return;
    }
    const upstream = openUpstream(serverPort, upstreams);
    client.on('data', (bytes) => asked.push(bytes.toString('latin1')));
    upstream.on('data', (bytes) => (state.bytesDown += bytes.length));
    pass(client, upstream);
    pass(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    for (const upstream of upstreams) upstream.destroy();
  }

  return {
    port: (server.address() as AddressInfo).port,
    get bytesDown() {
      return state.bytesDown;
    },
    get bytesUp() {
      return asked.join('').length;
    },
    asked,
    stall: () => {
      for (const upstream of upstreams) upstream.pause();
    },
    resume: () => {
      for (const upstream of upstreams) upstream.resume();
    },
    cut,
    down: () => {
      state.isDown = true;
      cut();
    },
    up: () => {
      state.isDown = false;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

function openUpstream(port: number, among: Set<Socket>): Socket {
  const upstream = connect(port, '127.0.0.1');
  among.add(upstream);
  upstream.once('close', () => among.delete(upstream));
  return upstream;
}

function pass(from: Socket, to: Socket): void {
  from.on('data', (bytes) => to.write(bytes));
  from.on('end', () => to.end());
  from.on('close', () => to.destroySoon());
  // A connection that breaks is told of by its close.
  from.on('error', () => undefined);
}
