import type { Offers } from '../scenarios/dimensions.ts';
import type { OpenBackplane } from './backplane/backplane.ts';
import { HEADER_PROFILES } from './wire/header-profiles.ts';
import type { HeaderProfile, OpenDoor, OpenSession } from './transport.ts';

interface TransportRow {
  readonly label: string;
  readonly summary: string;
  /** What else a user may call it. */
  readonly aliases: readonly string[];
  /**
   * How clients get messages: asking at an `interval`, by requests that are `held` until there is something, or by
   * `push` over a connection that stays.
   */
  readonly cadence: 'interval' | 'held' | 'push';
  /** A command that shows the feed by hand, with HOST for host and port. */
  readonly tryIt: string;
  /** How its variants may differ. */
  readonly dimensions: Offers;
  /**
   * Where the door answers every request at once: a client for it that asks again the moment it has an answer, to find
   * out how many it can answer.
   */
  readonly closedLoop?: () => Promise<{ readonly openSession: OpenSession }>;
  readonly server: () => Promise<{ readonly openDoor: OpenDoor }>;
  readonly client: () => Promise<{ readonly openSession: OpenSession }>;
}

/** A transport: its folder with both halves, and this row. */
export const TRANSPORTS = {
  polling: {
    label: 'HTTP polling',
    summary: 'GET /messages?since= every poll interval, answered at once, empty or not',
    aliases: ['poll'],
    cadence: 'interval',
    tryIt: "curl 'http://HOST/messages?since=0'",
    dimensions: { headers: {}, pollIntervalNs: {} },
    closedLoop: () => import('./long-polling/client.ts'),
    server: () => import('./polling/server.ts'),
    client: () => import('./polling/client.ts'),
  },
  'long-polling': {
    label: 'HTTP long-polling',
    summary: 'GET /messages?since=, held until there is a message or the hold time is over',
    aliases: ['longpolling'],
    cadence: 'held',
    tryIt: "curl 'http://HOST/messages?since=0', then again with the last seq",
    dimensions: { headers: {} },
    server: () => import('./long-polling/server.ts'),
    client: () => import('./long-polling/client.ts'),
  },
  websocket: {
    label: 'WebSocket',
    summary: 'the ws library on /ws?since=; subprotocol json; every message pushed in a frame of its own',
    aliases: ['ws'],
    cadence: 'push',
    tryIt: 'npx wscat -s json -c ws://HOST/ws',
    dimensions: { headers: {} },
    server: () => import('./websocket/server.ts'),
    client: () => import('./websocket/client.ts'),
  },
} as const satisfies Record<string, TransportRow>;

interface BackplaneRow {
  readonly label: string;
  readonly summary: string;
  /** How its variants may differ. */
  readonly dimensions: Offers;
  readonly needsRedis: boolean;
  readonly open: () => Promise<{ readonly openBackplane: OpenBackplane }>;
}

export const BACKPLANES = {
  memory: {
    label: 'in memory',
    summary: 'the log of a single node is all there is',
    dimensions: { nodes: { only: [1] } },
    needsRedis: false,
    open: () => import('./backplane/memory.ts'),
  },
  redis: {
    label: 'Redis pub/sub',
    summary: 'nodes share the feed over Redis, which numbers, keeps and publishes each message in one step',
    dimensions: { nodes: { otherwise: 3 } },
    needsRedis: true,
    open: () => import('./backplane/redis.ts'),
  },
} as const satisfies Record<string, BackplaneRow>;

export type TransportId = keyof typeof TRANSPORTS;
export type BackplaneId = keyof typeof BACKPLANES;

export const TRANSPORT_IDS = Object.keys(TRANSPORTS) as [TransportId, ...TransportId[]];
export const BACKPLANE_IDS = Object.keys(BACKPLANES) as [BackplaneId, ...BackplaneId[]];

/** A transport that has no profiles sends no more than it needs. */
export function headerProfile(id: keyof typeof HEADER_PROFILES = 'minimal'): HeaderProfile {
  return HEADER_PROFILES[id];
}

/** The row, with the types of its columns rather than its own. */
function transportRow(id: TransportId): TransportRow {
  return TRANSPORTS[id];
}

/** The transport that can be asked as fast as it answers. */
export function closedLoopTransport(): { id: TransportId; asker: NonNullable<TransportRow['closedLoop']> } {
  for (const id of TRANSPORT_IDS) {
    const asker = transportRow(id).closedLoop;
    if (asker !== undefined) return { id, asker };
  }
  throw new TypeError('no transport answers every request at once');
}

/** Of what a node is made; the process entry takes it as JSON, `serve` makes it from options. */
export const NODE_PROGRAM = new URL('node/node-process.ts', import.meta.url);
