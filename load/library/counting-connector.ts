import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { SessionOptions } from '../../servers/transport.ts';
import type { Sockets } from './sockets.ts';

/** Connects as undici does, and counts what its connections carry; `connected` is told of each before anything is sent. */
export function countingConnector(
  { values, authority }: Pick<SessionOptions, 'values' | 'authority'>,
  sockets: Sockets,
  connected: (socket: Socket) => void,
): buildConnector.connector {
  const isHttp2 = values.http === '2';
  // Without TLS nobody agrees on it, and undici's types leave that out.
  const options: buildConnector.BuildOptions & { useH2c: boolean } = {
    allowH2: isHttp2,
    useH2c: isHttp2 && authority === undefined,
  };
  const connect = buildConnector(options);
  return (place, callback) => {
    connect(place, (...[error, socket]) => {
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
