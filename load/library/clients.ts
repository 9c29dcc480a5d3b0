import type { OpenSession } from '../../servers/transport.ts';

interface Client {
  /** The package, as its users know it. */
  readonly library: string;
  readonly load: () => Promise<{ readonly openSession: OpenSession }>;
}

/** By transport: the library that people take for it in Node, and a session that is made of it. */
const CLIENTS: Readonly<Record<string, Client>> = {
  polling: { library: 'undici', load: () => import('./sessions/polling.ts') },
  'long-polling': { library: 'undici', load: () => import('./sessions/long-polling.ts') },
  sse: { library: 'eventsource', load: () => import('./sessions/sse.ts') },
  websocket: { library: 'ws', load: () => import('./sessions/websocket.ts') },
  socketio: { library: 'socket.io-client', load: () => import('./sessions/socketio.ts') },
};

export const LIBRARIES = [...new Set(Object.values(CLIENTS).map(({ library }) => library))];

/** Undefined: for this transport nobody has named one. */
export function clientFor(transport: string): Client | undefined {
  return Object.hasOwn(CLIENTS, transport) ? CLIENTS[transport] : undefined;
}

export async function librarySession(transport: string): Promise<OpenSession> {
  const client = clientFor(transport);
  if (client === undefined) throw new TypeError(`there is no client library for ${transport}`);
  return (await client.load()).openSession;
}
