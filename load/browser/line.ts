import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A way to a node that can be cut. Nothing from outside breaks a connection of Chromium's that stands: taken offline, it lets go of
 * none, and what a page ends itself does not come back. So a page that is to be cut off reaches its node through here.
 */
export class Line {
  /** Where it is entered. */
  readonly host = HOST;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  static async to(target: { readonly host: string; readonly port: number }): Promise<Line> {
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (client) => {
      const node = connect({ ...target, noDelay: true });
      for (const socket of [client, node]) {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        // A connection that breaks is told of by its close.
        socket.on('error', () => undefined);
      }
      pass(client, node);
      pass(node, client);
    });
    server.listen(0, HOST);
    await once(server, 'listening');
    return new Line(server, sockets);
  }

  /** What goes through it breaks; what comes next does not. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}

function pass(from: Socket, to: Socket): void {
  from.pipe(to);
  from.once('close', () => to.destroySoon());
}
