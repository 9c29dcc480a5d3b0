import { type buildConnector, Client, type Dispatcher, H2CClient } from 'undici';
import type { SessionOptions } from '../../servers/transport.ts';

/** As long as servers here keep an idle connection: over HTTP/2 none says so (over HTTP/1.1 it stands in their answers). */
const KEPT_MS = 600_000;

/** One connection at a time to a server, by undici: of HTTP/1.1, or of HTTP/2, over which requests go beside each other. */
export function openUndici(
  { host, port, values, authority }: Pick<SessionOptions, 'host' | 'port' | 'values' | 'authority'>,
  connect: buildConnector.connector,
): Dispatcher {
  const isSecure = authority !== undefined;
  const url = `${isSecure ? 'https' : 'http'}://${host}:${port}`;
  if (!speaksHttp2(values)) return new Client(url, { connect, allowH2: false });
  const options = { connect, keepAliveTimeout: KEPT_MS, keepAliveMaxTimeout: KEPT_MS };
  return isSecure
    ? new Client(url, { ...options, allowH2: true, pipelining: MOST_AT_ONCE })
    : new H2CClient(url, options);
}

/** Requests at once over one connection of HTTP/2, as undici has it without TLS. */
const MOST_AT_ONCE = 100;

/** Then all that a client asks and says goes over one connection. */
export function speaksHttp2({ http }: SessionOptions['values']): boolean {
  return http === '2';
}
