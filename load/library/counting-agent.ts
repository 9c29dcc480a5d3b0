import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Sockets } from './sockets.ts';

/** Keeps connections for the next request, as browsers do, and counts what they carry. */
export class CountingAgent extends Agent {
  readonly #sockets: Sockets;

  constructor(sockets: Sockets) {
    super({ keepAlive: true });
    this.#sockets = sockets;
  }

  /** As the agent itself does, which leaves the path of the request among the options of the connection. */
  override createConnection(options: ClientRequestArgs): Duplex {
    return this.#sockets.add(connect({ ...options, path: undefined } as unknown as NetConnectOpts));
  }
}
