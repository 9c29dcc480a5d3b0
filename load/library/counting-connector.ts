import { connect as connectTcp, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { contextOf, noteHandshake, peerOf, type TlsPeer } from '../../servers/tls/tls-socket.ts';
import type { SessionOptions } from '../../servers/transport.ts';
import type { Sockets } from './sockets.ts';

type Connector = buildConnector.connector;

/** Told of a connection that stands, with what counts the bytes that cross. */
type Connect = (
  place: Parameters<Connector>[0],
  connected: (socket: Socket, wire: Socket) => void,
  failed: (error: Error) => void,
) => void;

/** Connects as undici does, and counts what its connections carry; `connected` is told of each before anything is sent. */
export function countingConnector(
  options: Pick<SessionOptions, 'values' | 'authority' | 'handshakes'>,
  sockets: Sockets,
  connected: (socket: Socket) => void,
): Connector {
  const isHttp2 = options.values.http === '2';
  const peer = peerOf(options);
  const connect = peer === undefined ? plain(isHttp2) : secured(peer, isHttp2);
  return (place, callback) => {
    const stands = (socket: Socket, wire: Socket): void => {
      sockets.add(socket, wire);
      connected(socket);
      callback(null, socket);
    };
    connect(place, stands, (error) => callback(error, null));
  };
}

function plain(isHttp2: boolean): Connect {
  // Without TLS nobody agrees on it, and undici's types leave that out.
  const options: buildConnector.BuildOptions & { useH2c: boolean } = { allowH2: isHttp2, useH2c: isHttp2 };
  const connect = buildConnector(options);
  return (place, connected, failed) => {
    connect(place, (...[error, socket]) => {
      if (error === null) connected(socket, socket);
      else failed(error);
    });
  };
}

/** The connection below is handed to it, as to one that goes through a proxy: it counts the bytes that cross. */
function secured({ authority, handshakes }: TlsPeer, isHttp2: boolean): Connect {
  const secureContext = contextOf(authority);
  return (place, connected, failed) => {
    const wire = connectTcp({ host: place.hostname, port: Number(place.port), noDelay: true });
    const ticket = handshakes?.ticket;
    // It keeps no tickets of its own: its client does, for all of its connections.
    const options = { secureContext, allowH2: isHttp2, maxCachedSessions: 0 };
    const connect = buildConnector({ ...options, ...(ticket !== undefined && { session: ticket }) });
    connect({ ...place, httpSocket: wire }, (...[error, socket]) => {
      if (error !== null) {
        failed(error);
        return;
      }
      if (socket instanceof TLSSocket) noteHandshake(socket, handshakes);
      connected(socket, wire);
    });
  };
}
