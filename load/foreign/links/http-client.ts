import { buildConnector, Client } from 'undici';
import type { Sockets } from '../../library/sockets.ts';
import type { TargetAddress } from '../target-address.ts';
import { type LinkOptions, pinnedLookup, withScheme } from './link.ts';

/** One connection at a time to the target, whose bytes `sockets` counts; `connected` is told of each. */
export function openHttpClient(
  { address, limits }: Pick<LinkOptions, 'address' | 'limits'>,
  sockets: Sockets,
  connected: () => void = () => undefined,
): Client {
  const connect = buildConnector({ lookup: pinnedLookup(address), timeout: limits.stepMs });
  return new Client(new URL(withScheme(address, 'http')).origin, {
    connect: (options, callback) => {
      connect(options, (...[error, socket]) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        sockets.add(socket);
        connected();
        callback(null, socket);
      });
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** What stands behind the origin in a URL, or in a path at the target. */
export function pathAt(address: TargetAddress, place: string): string {
  const { pathname, search } = new URL(place, withScheme(address, 'http'));
  return `${pathname}${search}`;
}
