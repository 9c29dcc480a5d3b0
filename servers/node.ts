import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Failure, systemErrorCode } from '../scenarios/failures.ts';
import type { Backplane } from './backplane/backplane.ts';
import { type Ingest, openIngest } from './ingest/server.ts';
import { Log } from './log.ts';
import { BACKPLANE_IDS, BACKPLANES, TRANSPORT_IDS, TRANSPORTS } from './registry.ts';

/** Everything a node can be told; what is left out has the value a user would want. */
export const nodeOptionsSchema = z.strictObject({
  transport: z.enum(TRANSPORT_IDS),
  backplane: z.enum(BACKPLANE_IDS).default('memory'),
  host: z.string().default('127.0.0.1'),
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** Path of the Unix socket on which a publisher hands messages in. */
  ingest: z.string().optional(),
  feed: z.string().default('feed'),
  redisUrl: z.string().default('redis://127.0.0.1:6379'),
  forgetOnClose: z.boolean().default(false),
  logMessages: z.int().min(1).default(10_000),
  logBytes: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
  historyMessages: z.int().min(1).default(2000),
  holdMs: z.number().positive().default(25_000),
  sendBufferBytes: z
    .int()
    .min(1)
    .default(1024 * 1024),
  origins: z.array(z.string()).default([]),
});

export type NodeOptions = z.input<typeof nodeOptionsSchema>;
type Settled = z.output<typeof nodeOptionsSchema>;

export interface NodeEvents {
  onHealth?(healthy: boolean, reason: string): void;
  onSlowConsumer?(): void;
  onGapFilled?(messages: number): void;
  /** A message is in this node's log; `frame` as it goes over the wire. */
  onAppended?(frame: Buffer): void;
}

/** A server node: one log, fed by a backplane, with one door onto it. */
export interface FeedNode {
  readonly port: number;
  readonly backplane: Backplane;
  /** Stops taking connections, ends those that are open politely, then lets go of everything. */
  close(): Promise<void>;
}

/** Rejects with `port-in-use` or `redis-lost`. */
export async function openNode(given: NodeOptions, events: NodeEvents = {}): Promise<FeedNode> {
  const options = nodeOptionsSchema.parse(given);
  const log = new Log({ messages: options.logMessages, bytes: options.logBytes });
  if (events.onAppended !== undefined) log.follow(events.onAppended.bind(events));
  const app = Fastify({ logger: false, forceCloseConnections: 'idle', keepAliveTimeout: 600_000 });
  const health = { healthy: false, reason: 'starting' };
  const backplane = await openBackplane(log, options, {
    ...events,
    onHealth: (healthy, reason) => {
      Object.assign(health, { healthy, reason });
      events.onHealth?.(healthy, reason);
    },
  });
  routeHealth(app, () => ({ ready: health.healthy, reason: health.reason, latest: log.latest, ...variantOf(options) }));
  const { openDoor } = await TRANSPORTS[options.transport].server();
  const door = openDoor({ app, log, options, onSlowConsumer: () => events.onSlowConsumer?.() });
  const parts = { app, backplane, ingest: undefined as Ingest | undefined };
  try {
    parts.ingest =
      options.ingest === undefined ? undefined : await openIngest(options.ingest, (body) => backplane.append(body));
    const port = await listen(app, options);
    return { port, backplane, close: async () => closeAll(parts, async () => door.drain()) };
  } catch (error) {
    await closeAll(parts, async () => door.drain());
    throw error;
  }
}

async function closeAll(
  { app, backplane, ingest }: { app: FastifyInstance; backplane: Backplane; ingest: Ingest | undefined },
  drain: () => Promise<void>,
): Promise<void> {
  await ingest?.close();
  const closed = app.close();
  await drain();
  await closed;
  await backplane.close();
}

function variantOf({ transport, backplane }: Settled): { transport: string; backplane: string } {
  return { transport, backplane };
}

async function openBackplane(log: Log, options: Settled, events: NodeEvents): Promise<Backplane> {
  const row = await BACKPLANES[options.backplane].open();
  return row.openBackplane(log, {
    ...options,
    onHealth: (healthy, reason) => events.onHealth?.(healthy, reason),
    onGapFilled: (messages) => events.onGapFilled?.(messages),
  });
}

/** 200 once messages reach this node, 503 before and whenever they do not. */
function routeHealth(app: FastifyInstance, state: () => { ready: boolean }): void {
  app.get('/health', async (_request, reply) => {
    const now = state();
    return reply.code(now.ready ? 200 : 503).send(now);
  });
}

async function listen(app: FastifyInstance, { host, port }: Settled): Promise<number> {
  try {
    await app.listen({ host, port, backlog: 4096 });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EADDRINUSE')
      throw new Failure(
        'port-in-use',
        `port ${port} on ${host} is in use; choose another with --port, or 0 for a free one`,
        { cause: error },
      );
    if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND') {
      throw new Failure('port-in-use', `cannot listen on ${host}:${port} (${code}); choose another --host or --port`, {
        cause: error,
      });
    }
    throw error;
  }
  return (app.server.address() as AddressInfo).port;
}
