import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Sockets } from './sockets.ts';

/** Connects as undici does, and counts what its connections carry; `connected` is told of each before anything is sent. */
export function countingConnector(sockets: Sockets, connected: (socket: Socket) => void): buildConnector.connector {
  const connect = buildConnector({});
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      sockets.add(socket);
      connected(socket);
      callback(null, socket);
    });
  };
}
