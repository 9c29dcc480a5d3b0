import {
  dimension,
  type DimensionId,
  type DimensionValues,
  isUsual,
  passesClients,
} from '../../scenarios/dimensions.ts';
import { type TransportId, transportRow } from '../../servers/registry.ts';

/** What pages do by themselves, and what is the server's alone. */
const KNOWN: ReadonlySet<DimensionId> = new Set([
  'nodes',
  'pollIntervalNs',
  'retry',
  'deliver',
  'reconnect',
  'frames',
  'compression',
  'origin',
  'cache',
  'keepalive',
  'tls',
  'http',
]);

/** A page that says more than the usual one of itself, or asks in another way, has other code. */
export function whyNoPage({
  transport,
  values,
}: {
  transport: TransportId;
  values: DimensionValues;
}): string | undefined {
  if (pageOf(transport) === undefined) return 'its folder has no page.js';
  if (values.http === '2' && isUsual('tls', values)) return 'a browser speaks HTTP/2 over TLS alone: add --tls tls1.3';
  if (values.headers === 'minimal') return 'a browser sends headers of its own';
  const ids = Object.keys(values) as DimensionId[];
  const strange = ids.find((id) => !KNOWN.has(id) && !passesClients(id) && !isUsual(id, values));
  return strange === undefined ? undefined : `its page knows no ${dimension(strange).label} but the usual one`;
}

function pageOf(transport: TransportId): object | undefined {
  // Of a transport that nobody has heard of there is no row.
  const row: { readonly page?: object } | undefined = transportRow(transport);
  return row?.page;
}
