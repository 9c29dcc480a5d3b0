import type { DimensionValues, Offers } from '../scenarios/dimensions.ts';
import type { BackplaneId } from './backplanes.ts';
import { type TransportId, transportRow } from './registry.ts';

/** What lies between clients and nodes, and is neither's: what there is of it, whatever the transport and the backplane. */
export const PATH: Offers = {
  balancer: {},
  tuning: { otherwise: ['stock', 'tuned'] },
  link: {},
  delayNs: {},
  rate: {},
  loss: {},
  tls: {},
  resumption: {},
};

/** Why values of the path do not go together, or not with a transport or a backplane, in words; undefined where all do. */
export function pathExclusion(
  { transport }: { readonly transport: TransportId; readonly backplane: BackplaneId },
  { http, balancer }: DimensionValues,
): string | undefined {
  return http === '2' && balancer === 'nginx' && transportRow(transport).connectsBy === 'upgrade'
    ? 'nginx takes no WebSockets over HTTP/2 (RFC 8441): choose --balancer haproxy, or leave out --http'
    : undefined;
}
