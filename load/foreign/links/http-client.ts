import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import type { Sockets } from '../../library/sockets.ts';
import type { TargetAddress } from '../target-address.ts';
import { openWire, trust } from './line.ts';
import { type LinkOptions, pinnedLookup, withScheme } from './link.ts';

type Connector = buildConnector.connector;

/** One connection at a time to the target, by HTTP/1.1, whose bytes `sockets` counts; `connected` is told of each. */
export function openHttpClient(
  { address, limits }: Pick<LinkOptions, 'address' | 'limits'>,
  sockets: Sockets,
  connected: () => void = () => undefined,
): Client {
  const options = { timeout: limits.stepMs, allowH2: false };
  const connect = address.isSecure ? secured(address, options) : plain(address, options);
  return new Client(new URL(withScheme(address, 'http')).origin, {
    connect: (place, callback) => {
      connect(place, (error, line) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        sockets.add(line.socket, line.wire);
        connected();
        callback(null, line.socket);
      });
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

interface Line {
  readonly socket: Socket;
  /** It counts the bytes that cross. */
  readonly wire: Socket;
}

type Connect = (
  place: Parameters<Connector>[0],
  told: (...result: [error: Error, line: null] | [error: null, line: Line]) => void,
) => void;

function plain(address: TargetAddress, options: buildConnector.BuildOptions): Connect {
  const connect = buildConnector({ ...options, lookup: pinnedLookup(address) });
  return (place, told) => {
    connect(place, (...[error, socket]) => {
      if (error === null) told(null, { socket, wire: socket });
      else told(error, null);
    });
  };
}

/** The connection below is handed to undici, as one that goes through a proxy. */
function secured(address: TargetAddress, options: buildConnector.BuildOptions): Connect {
  const connect = buildConnector({ ...options, secureContext: trust(), maxCachedSessions: 0 });
  return (place, told) => {
    const wire = openWire(address);
    connect({ ...place, httpSocket: wire }, (...[error, socket]) => {
      if (error === null) told(null, { socket, wire });
      else told(error, null);
    });
  };
}

/** What stands behind the origin in a URL, or in a path at the target. */
export function pathAt(address: TargetAddress, place: string): string {
  const { pathname, search } = new URL(place, withScheme(address, 'http'));
  return `${pathname}${search}`;
}
