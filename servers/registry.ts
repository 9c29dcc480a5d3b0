import type { OpenBackplane } from './backplane/backplane.ts';
import { HEADER_PROFILES } from './wire/header-profiles.ts';
import type { OpenDoor, OpenSession } from './transport.ts';

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
    server: () => import('./polling/server.ts'),
    client: () => import('./polling/client.ts'),
  },
  'long-polling': {
    label: 'HTTP long-polling',
    summary: 'GET /messages?since=, held until there is a message or the hold time is over',
    aliases: ['longpolling'],
    cadence: 'held',
    tryIt: "curl 'http://HOST/messages?since=0', then again with the last seq",
    server: () => import('./long-polling/server.ts'),
    client: () => import('./long-polling/client.ts'),
  },
  websocket: {
    label: 'WebSocket',
    summary: 'the ws library on /ws?since=; subprotocol json; every message pushed in a frame of its own',
    aliases: ['ws'],
    cadence: 'push',
    tryIt: 'npx wscat -s json -c ws://HOST/ws',
    server: () => import('./websocket/server.ts'),
    client: () => import('./websocket/client.ts'),
  },
} as const satisfies Record<string, TransportRow>;

interface BackplaneRow {
  readonly label: string;
  readonly summary: string;
  /** How many nodes by default, and how many can share the feed. */
  readonly defaultNodes: number;
  readonly mostNodes: number;
  readonly needsRedis: boolean;
  readonly open: () => Promise<{ readonly openBackplane: OpenBackplane }>;
}

export const BACKPLANES = {
  memory: {
    label: 'in memory',
    summary: 'the log of a single node is all there is',
    defaultNodes: 1,
    mostNodes: 1,
    needsRedis: false,
    open: () => import('./backplane/memory.ts'),
  },
  redis: {
    label: 'Redis pub/sub',
    summary: 'nodes share the feed over Redis, which numbers, keeps and publishes each message in one step',
    defaultNodes: 3,
    mostNodes: 64,
    needsRedis: true,
    open: () => import('./backplane/redis.ts'),
  },
} as const satisfies Record<string, BackplaneRow>;

export type TransportId = keyof typeof TRANSPORTS;
export type BackplaneId = keyof typeof BACKPLANES;
export type HeaderProfileId = keyof typeof HEADER_PROFILES;

export const TRANSPORT_IDS = Object.keys(TRANSPORTS) as [TransportId, ...TransportId[]];
export const BACKPLANE_IDS = Object.keys(BACKPLANES) as [BackplaneId, ...BackplaneId[]];
export const HEADER_PROFILE_IDS = Object.keys(HEADER_PROFILES) as [HeaderProfileId, ...HeaderProfileId[]];

export function headerProfile(id: HeaderProfileId): (typeof HEADER_PROFILES)[HeaderProfileId] {
  return HEADER_PROFILES[id];
}

/** Of what a node is made; the process entry takes it as JSON, `serve` makes it from options. */
export const NODE_PROGRAM = new URL('node/node-process.ts', import.meta.url);
