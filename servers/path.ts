import type { DimensionValues, Offers } from '../scenarios/dimensions.ts';
import type { BackplaneId } from './backplanes.ts';
import type { TransportId } from './registry.ts';

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
  _pair: { readonly transport: TransportId; readonly backplane: BackplaneId },
  { http, balancer }: DimensionValues,
): string | undefined {
  return http === '2' && balancer !== undefined
    ? 'HTTP/2 ends at the nodes here, and balancers speak HTTP/1.1 with both sides: leave out --balancer or --http'
    : undefined;
}
