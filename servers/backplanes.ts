import type { Offers } from '../scenarios/dimensions.ts';
import type { OpenBackplane } from './backplane/backplane.ts';
import { type TransportId, TRANSPORTS } from './registry.ts';
import type { BackplaneTraits } from './transport-row.ts';

interface BackplaneRow extends BackplaneTraits {
  readonly label: string;
  readonly summary: string;
  /** How its variants may differ. */
  readonly dimensions: Offers;
  /** Transports that it is good for, where it is not good for all. */
  readonly onlyFor?: readonly TransportId[];
  /** Every node holds the feed in its log; otherwise a client hears what comes while it is there, and no node knows more. */
  readonly sharesLog: boolean;
  readonly needsRedis: boolean;
  /** Who alone holds what makes the feed, and in words what is gone when it dies, and what comes of it. */
  readonly heldBy: { readonly role: 'node' | 'redis'; readonly held: string; readonly thereafter: string };
  /** Is measured where it is asked for alone. */
  readonly onDemand?: true;
  /** Uses a Redis as a node will; rejects with `usage` or `redis-lost` where it cannot. */
  readonly tryRedis?: (redisUrl: string) => Promise<void>;
  readonly open: () => Promise<{ readonly openBackplane: OpenBackplane }>;
}

/** An adapter passes on what is said, and what is on its way then does not arrive. */
const PASSED_ON = {
  role: 'redis',
  held: 'what was on its way, for it keeps nothing',
  thereafter: 'until there is one again, clients of other nodes may miss what is published',
} as const;

/** What an adapter carries goes to clients as it comes: no log of theirs tells what is the newest. */
const CARRIED = { nodes: { otherwise: [3] }, deliver: { only: ['all'] } } as const satisfies Offers;

export const BACKPLANES = {
  memory: {
    label: 'in memory',
    summary: 'the log of a single node is all there is',
    dimensions: { nodes: { only: [1] } },
    remembersSessions: true,
    sharesLog: true,
    needsRedis: false,
    heldBy: {
      role: 'node',
      held: 'the messages, their numbers, what each sender had said last, and who was online',
      thereafter: 'a node that is started in its place begins another feed, and its clients begin anew',
    },
    open: () => import('./backplane/memory.ts'),
  },
  redis: {
    label: 'Redis pub/sub',
    summary: 'nodes share the feed over Redis, which numbers, keeps and publishes each message in one step',
    dimensions: { nodes: { otherwise: [3] } },
    sharesLog: true,
    needsRedis: true,
    heldBy: {
      role: 'redis',
      held: 'the messages that it kept, their numbers, what each sender had said last, and who was online',
      thereafter:
        'the nodes refuse everything from then on, whatever Redis comes in its place, until they are started again',
    },
    tryRedis: async (redisUrl) => (await import('./backplane/redis.ts')).tryRedis(redisUrl),
    open: () => import('./backplane/redis.ts'),
  },
  'socketio-sharded': {
    label: "Socket.IO's sharded adapter",
    summary:
      '@socket.io/redis-adapter over the sharded pub/sub of Redis 7: one node publishes, the adapter does the rest',
    dimensions: CARRIED,
    onlyFor: ['socketio'],
    sharesLog: false,
    needsRedis: true,
    heldBy: PASSED_ON,
    tryRedis: async (redisUrl) => (await import('./backplane/socketio-sharded.ts')).tryRedis(redisUrl),
    open: () => import('./backplane/socketio-sharded.ts'),
  },
  'socketio-redis': {
    label: "Socket.IO's Redis adapter",
    summary: '@socket.io/redis-adapter over pub/sub',
    dimensions: CARRIED,
    onlyFor: ['socketio'],
    onDemand: true,
    sharesLog: false,
    needsRedis: true,
    heldBy: PASSED_ON,
    tryRedis: async (redisUrl) => (await import('./backplane/socketio-redis.ts')).tryRedis(redisUrl),
    open: () => import('./backplane/socketio-redis.ts'),
  },
  'socketio-streams': {
    label: "Socket.IO's streams adapter",
    summary: '@socket.io/redis-streams-adapter: a stream that every node reads',
    dimensions: CARRIED,
    onlyFor: ['socketio'],
    onDemand: true,
    remembersSessions: true,
    sharesLog: false,
    needsRedis: true,
    heldBy: {
      role: 'redis',
      held: 'its stream, so what nodes had not read of it and what clients could have recovered',
      thereafter: 'until there is one again, what is published is lost to clients of other nodes',
    },
    tryRedis: async (redisUrl) => (await import('./backplane/socketio-streams.ts')).tryRedis(redisUrl),
    open: () => import('./backplane/socketio-streams.ts'),
  },
} as const satisfies Record<string, BackplaneRow>;

export type BackplaneId = keyof typeof BACKPLANES;

export const BACKPLANE_IDS = Object.keys(BACKPLANES) as [BackplaneId, ...BackplaneId[]];
/** What is measured where nobody asks. */
export const DEFAULT_BACKPLANE_IDS = BACKPLANE_IDS.filter((id) => backplaneRow(id).onDemand !== true);

export function isGoodFor(backplane: BackplaneId, transport: TransportId): boolean {
  return backplaneRow(backplane).onlyFor?.includes(transport) ?? true;
}

/** `for Socket.IO alone`; undefined where it is for all transports. */
export function limitOf(backplane: BackplaneId): string | undefined {
  const { onlyFor } = backplaneRow(backplane);
  return onlyFor === undefined ? undefined : `for ${onlyFor.map((id) => TRANSPORTS[id].label).join(' and ')} alone`;
}

export function isGoodForSome(backplane: BackplaneId, transports: readonly TransportId[]): boolean {
  return transports.some((transport) => isGoodFor(backplane, transport));
}

export function backplaneRow(id: BackplaneId): BackplaneRow {
  return BACKPLANES[id];
}
