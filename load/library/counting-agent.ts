import { Agent, type ClientRequestArgs } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { connect, type NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { openTlsSocket, type TlsPeer } from '../../servers/tls/tls-socket.ts';
import type { Sockets } from './sockets.ts';

/** Keeps connections for the next request, as browsers do, and counts what they carry. */
class CountingAgent extends Agent {
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

/** The same over TLS. */
class CountingSecureAgent extends SecureAgent {
  readonly #sockets: Sockets;
  readonly #peer: TlsPeer;

  constructor(sockets: Sockets, peer: TlsPeer) {
    super({ keepAlive: true });
    this.#sockets = sockets;
    this.#peer = peer;
  }

  override createConnection({ host, port }: ClientRequestArgs): Duplex {
    const { carrier, wire } = openTlsSocket({ host: host ?? '', port: Number(port) }, this.#peer);
    return this.#sockets.add(carrier, wire);
  }
}

/** Over TLS with a `peer`. */
export function countingAgent(sockets: Sockets, peer: TlsPeer | undefined): Agent {
  return peer === undefined ? new CountingAgent(sockets) : new CountingSecureAgent(sockets, peer);
}
