import {
  dimension,
  type DimensionId,
  type DimensionValues,
  isUsual,
  passesClients,
} from '../../scenarios/dimensions.ts';
import type { OpenSession } from '../../servers/transport.ts';

interface Client {
  /** The package, as its users know it. */
  readonly library: string;
  /** Of what the transport's clients have to do something for: what its session does. */
  readonly knows: readonly DimensionId[];
  /** Why the library cannot do with some of those values, in words. */
  readonly cannot?: (values: DimensionValues) => string | undefined;
  readonly load: () => Promise<{ readonly openSession: OpenSession }>;
}

/** By transport: the library that people take for it in Node, and a session that is made of it. */
const CLIENTS: Readonly<Record<string, Client>> = {
  polling: {
    library: 'undici',
    knows: ['compression', 'auth', 'ask', 'http'],
    load: () => import('./sessions/polling.ts'),
  },
  'long-polling': {
    library: 'undici',
    knows: ['compression', 'auth', 'http'],
    load: () => import('./sessions/long-polling.ts'),
  },
  sse: { library: 'eventsource', knows: ['compression', 'auth', 'http'], load: () => import('./sessions/sse.ts') },
  websocket: {
    library: 'ws',
    knows: ['frames', 'compression', 'http'],
    cannot: ({ http, compression }) =>
      http === '2' && compression === 'deflate' ? 'it offers to deflate in an upgrade of HTTP/1.1 alone' : undefined,
    load: () => import('./sessions/websocket.ts'),
  },
  socketio: {
    library: 'socket.io-client',
    knows: ['shape', 'frames', 'compression', 'auth', 'recovery'],
    cannot: ({ compression }) =>
      compression === 'gzip' ? 'in Node it polls by XMLHttpRequest, which inflates nothing there' : undefined,
    load: () => import('./sessions/socketio.ts'),
  },
};

/** What every session does, or what is the server's alone. */
const KNOWN: ReadonlySet<DimensionId> = new Set([
  'nodes',
  'headers',
  'pollIntervalNs',
  'retry',
  'deliver',
  'reconnect',
  'origin',
  'cache',
  'keepalive',
  'tls',
  'resumption',
]);

export const LIBRARIES = [...new Set(Object.values(CLIENTS).map(({ library }) => library))];

/** Why no client library can follow the feed in this variant; undefined where one can. */
export function whyNoClient({ transport, values }: { transport: string; values: DimensionValues }): string | undefined {
  const client = clientFor(transport);
  if (client === undefined) return 'load/library/clients.ts names no library for it';
  const ids = Object.keys(values) as DimensionId[];
  const strange = ids.find(
    (id) => !KNOWN.has(id) && !passesClients(id) && !client.knows.includes(id) && !isUsual(id, values),
  );
  if (strange !== undefined)
    return `its session by ${client.library} knows no ${dimension(strange).label} but the usual one`;
  return client.cannot?.(values);
}

export async function librarySession(transport: string): Promise<OpenSession> {
  const client = clientFor(transport);
  if (client === undefined) throw new TypeError(`there is no client library for ${transport}`);
  return (await client.load()).openSession;
}

function clientFor(transport: string): Client | undefined {
  return Object.hasOwn(CLIENTS, transport) ? CLIENTS[transport] : undefined;
}
