import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Witness } from '../testing/test-witness.ts';

/** A TCP proxy before a server, which keeps the head of every request as it came, down to the byte. */
export class HeadRecorder extends Witness implements AsyncDisposable {
  readonly heads: string[] = [];
  readonly #server = createServer((client) => this.#pass(client));
  readonly #serverPort: number;

  constructor(serverPort: number) {
    super();
    this.#serverPort = serverPort;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  #pass(client: Socket): void {
    const upstream = connect(this.#serverPort, '127.0.0.1');
    client.on('data', (bytes) => {
      // Whoever waits for an answer before it asks again sends a request at a time, its head in one piece.
      const head = HEAD.exec(bytes.toString('latin1'))?.[0];
      if (head !== undefined) this.heads.push(head);
      this.changed();
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.pipe(to);
      from.on('close', () => to.destroySoon());
      // A connection that breaks is told of by its close.
      from.on('error', () => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const HEAD = /^[A-Z]+ \S+ HTTP\/1\.1\r\n.*?\r\n\r\n/s;
