import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SHARED_FOR_NS } from '../../scenarios/asking/origin-reads.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { deliversLatest, keyRuleSchema, LATEST_WINDOW_NS } from '../../scenarios/feed/conflation.ts';
import { Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { DIMENSIONS, type DimensionValues, type ValueOf } from '../../scenarios/dimensions.ts';
import { serverIdentitySchema } from '../../scenarios/tls/authority.ts';
import { tokenRulesSchema } from '../../scenarios/tokens.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { variantValuesSchema } from '../../scenarios/variant-values.ts';
import { firstIssue } from '../../scenarios/feed/workload.ts';
import { routePresence } from '../answering/presence.ts';
import type { Backplane, BackplaneOptions } from '../backplane/backplane.ts';
import { openIngest } from '../ingest/server.ts';
import { FEED_CHANNEL } from '../../scenarios/feed/channels.ts';
import { LatestLog } from '../feed/latest-log.ts';
import { type ChannelledLog, Log } from '../feed/log.ts';
import { SubscribedLog } from '../feed/subscribed-log.ts';
import type { Verifier } from '../hub/admission.ts';
import { Hub, type HubOptions } from '../hub/hub.ts';
import { TokenVerifier } from '../hub/verifier.ts';
import { isOrigin, notAnOrigin } from '../wire/origins.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor, limitOf } from '../backplanes.ts';
import { TRANSPORT_IDS, TRANSPORTS, valuesOf } from '../registry.ts';
import type { Departure, Door, DoorContext } from '../transport.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';

/** A timer of Node's ends at 2^31 ms. */
const MOST_IDLE_MS = 2_000_000_000;

/** Everything a node can be told; what is left out has the value a user would want. */
const nodeOptionsSchema = z.strictObject({
  transports: z
    .array(z.enum(TRANSPORT_IDS))
    .min(1)
    .transform((ids) => [...new Set(ids)]),
  backplane: z.enum(BACKPLANE_IDS).default('memory'),
  /** Each door gets those that its transport has. */
  values: variantValuesSchema.transform((values): DimensionValues => values).prefault({}),
  /** An empty one would be every address of the machine. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** Path of the Unix socket on which a publisher hands messages in. */
  ingest: z.string().optional(),
  feed: z.string().default('feed'),
  /** Looked at by the backplane that uses it. */
  redisUrl: z.string().default('redis://127.0.0.1:6379'),
  forgetOnClose: z.boolean().default(false),
  logMessages: z.int().min(1).default(10_000),
  logBytes: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
  historyMessages: z.int().min(1).default(2000),
  /** Where doors give the newest of each key: how long messages are held back, and by what their key is found. */
  latestWindowMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(LATEST_WINDOW_NS / NS_PER_MS),
  key: keyRuleSchema.prefault({ kind: 'data', fields: 1 }),
  /** How long what was read is good for where polls share it. */
  sharedForMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(SHARED_FOR_NS / NS_PER_MS),
  holdMs: z.number().min(1).max(3_600_000).default(25_000),
  closeMs: z.int().min(1).max(60_000).default(1000),
  sendBufferBytes: z
    .int()
    .min(1)
    .default(256 * 1024),
  slowMs: z.int().min(1).max(600_000).default(10_000),
  heartbeatMs: z.int().min(10).max(3_600_000).default(30_000),
  authMs: z.int().min(1).max(600_000).default(5000),
  /** How long after a poll a client that polls is taken for online. */
  awayMs: z.int().min(1).max(3_600_000).default(60_000),
  /** Whose tokens clients must show; absent: anybody is believed. */
  tokens: tokenRulesSchema.optional(),
  /** Whether clients may say something and are told who comes and goes; otherwise the publisher's messages alone are numbered. */
  talk: z.boolean().default(true),
  /** What it shows to clients over TLS; absent: it speaks without. */
  tls: serverIdentitySchema.optional(),
  keepAliveMs: z.int().min(1).max(MOST_IDLE_MS).default(600_000),
  requestMs: z.int().min(1).max(600_000).default(60_000),
  /** Each is an open file: whoever starts a node knows how many it may have. */
  mostConnections: z.int().min(1).default(1_000_000),
  /** What is spoken besides HTTP/1.1; absent: what the values say, whose HTTP may end elsewhere. */
  http: z.enum(['1.1', '2']).optional(),
  origins: z.array(z.string().refine(isOrigin, { error: ({ input }) => notAnOrigin(String(input)) })).default([]),
  /** What else can be fetched here, beside the doors. */
  files: z
    .array(z.strictObject({ path: z.string().startsWith('/'), contentType: z.string(), body: z.string() }))
    .default([]),
});

export type NodeOptions = z.input<typeof nodeOptionsSchema>;
type Settled = z.output<typeof nodeOptionsSchema>;

export interface NodeEvents {
  onHealth?(healthy: boolean, reason: string): void;
  onSlowConsumer?(): void;
  onGapFilled?(messages: number): void;
  onOriginRead?(): void;
  /** A message is in this node's log; `entry` as it goes over the wire. */
  onAppended?(entry: Buffer): void;
}

/** A server node: one log, fed by a backplane, with a door onto it for each of its transports. */
export interface FeedNode {
  readonly port: number;
  readonly backplane: Backplane;
  /** Stops taking connections, ends those that are open politely, then lets go of everything. */
  close(departure?: Departure): Promise<void>;
}

/** Rejects with `usage`, `port-in-use` or `redis-lost`; nothing is left open then. */
export async function openNode(given: NodeOptions, events: NodeEvents = {}): Promise<FeedNode> {
  const options = settleNodeOptions(given);
  refuseStrangers(options);
  const verifier = verifierOf(options);
  const log = new Log({ messages: options.logMessages, bytes: options.logBytes });
  if (events.onAppended !== undefined) log.follow(events.onAppended.bind(events));
  const logs = { all: log, latest: latestOf(log, options) };
  const health = { ready: false, reason: 'starting' };
  await using opened = new AsyncDisposableStack();
  /** A backplane may have heard something before there is somebody to tell. */
  const told: { hub?: Hub } = {};
  const leaving: Leaving = { departure: 'for-good' };
  const backplane = await openBackplane(log, options, {
    isLast: () => leaving.departure === 'for-good',
    onSignal: (signal) => told.hub?.tell(signal),
    onGapFilled: (messages) => events.onGapFilled?.(messages),
    onHealth: (healthy, reason) => {
      Object.assign(health, { ready: healthy, reason });
      events.onHealth?.(healthy, reason);
    },
  });
  opened.defer(async () => backplane.close());
  const hub = new Hub({ ...viewOf(logs, options, backplane), log, verifier, awayMs: options.awayMs });
  told.hub = hub;
  opened.defer(async () => hub.close());
  const server = createHttpServer({ ...options, http: options.http ?? options.values.http ?? DIMENSIONS.http.usual });
  routeHealth(server.app, () => ({ ...health, latest: log.latest, ...variantOf(options) }));
  if (hub.talks) routePresence({ app: server.app, hub });
  routeFiles(server.app, options.files);
  const doors = await openDoors(options, {
    logs,
    hub,
    app: server.app,
    ...(backplane.adapter !== undefined && { adapter: backplane.adapter }),
    ...(backplane.readOrigin !== undefined && { readOrigin: backplane.readOrigin }),
    feedIdentity: backplane.identity,
    onUpgrade: server.onUpgrade,
    isBeyond: server.isBeyond,
    onSlowConsumer: () => events.onSlowConsumer?.(),
    onOriginRead: () => events.onOriginRead?.(),
  });
  opened.defer(async () => shut(server, doors, { ...options, ...leaving }));
  if (options.ingest !== undefined) {
    const ingest = await openIngest(options.ingest, async (body) => backplane.append(body));
    opened.defer(async () => ingest.close());
  }
  await server.app.ready();
  await backplane.ready?.();
  const port = await listen(server.app, options);
  return { port, backplane, close: closeOnce(opened.move(), leaving) };
}

/** What a node is told and what it is not, together. Throws `usage`. */
export function settleNodeOptions(given: NodeOptions): Settled {
  const parsed = nodeOptionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Failure('usage', `a server node cannot be opened so: ${firstIssue(parsed.error)}`);
}

function refuseStrangers({ transports, backplane }: Settled): void {
  const stranger = transports.find((transport) => !isGoodFor(backplane, transport));
  if (stranger === undefined) return;
  throw new Failure(
    'usage',
    `a server node with ${stranger} cannot be over ${backplane}, which is ${limitOf(backplane)}`,
  );
}

/** A cookie comes with the request of whatever page asks: with any page let in, any page would be whoever looks at it. */
function verifierOf({ tokens, origins }: Settled): Verifier | undefined {
  if (tokens === undefined) return undefined;
  if (origins.includes('*'))
    throw new Failure('usage', 'a server node that wants tokens is not open to every page: name their origins');
  return new TokenVerifier(tokens);
}

/** What doors say to their clients when the node goes. */
interface Leaving {
  departure: Departure;
}

/** A second close waits for the first. */
function closeOnce(opened: AsyncDisposableStack, leaving: Leaving): FeedNode['close'] {
  let closed: Promise<void> | undefined;
  return async (departure = leaving.departure) => {
    leaving.departure = departure;
    closed ??= opened.disposeAsync();
    await closed;
  };
}

/** Connections that are idle end at once; one that does not take its last answer, or never asked, is cut after a while. */
async function shut(
  { app, refuseUpgrades, http2 }: HttpServer,
  doors: readonly Door[],
  { closeMs, departure }: { readonly closeMs: number; readonly departure: Departure },
): Promise<void> {
  const impatience = setTimeout(() => {
    app.server.closeAllConnections();
    http2?.destroy();
  }, closeMs);
  refuseUpgrades();
  http2?.close();
  const closed = app.close();
  await Promise.all(doors.map(async (door) => door.drain(departure)));
  await closed;
  clearTimeout(impatience);
}

function variantOf({ transports, backplane, values }: Settled): Record<string, string | readonly string[]> {
  return { transports, backplane, deliver: values.deliver ?? DIMENSIONS.deliver.usual };
}

/**
 * The newest of each key, from before a backplane fills the log; the log itself where no door wants that. Where the key is in the data
 * there is the publisher's feed alone.
 */
function latestOf(log: Log, { values, logMessages, logBytes, latestWindowMs, key }: Settled): ChannelledLog {
  if (!deliversLatest(values)) return log;
  const source = key.kind === 'data' ? new SubscribedLog(log, new Set([FEED_CHANNEL])) : log;
  return new LatestLog(source, { messages: logMessages, bytes: logBytes, windowMs: latestWindowMs, rule: key });
}

/** Of what people say nothing is replaced, unless the newest of each is all that counts: otherwise there is a feed alone. */
function viewOf(
  logs: Logs,
  { values, talk, key }: Settled,
  { conversation }: Backplane,
): Pick<HubOptions, 'conversation' | 'newest'> {
  const isLatest = deliversLatest(values);
  const maySpeak = talk && (!isLatest || key.kind === 'sender');
  return { conversation: maySpeak ? conversation : undefined, newest: isLatest ? logs.latest : undefined };
}

/** What a door reads, by what it delivers. */
type Logs = Readonly<Record<ValueOf<'deliver'>, ChannelledLog>>;

async function openDoors(
  options: Settled,
  { logs, ...context }: Omit<DoorContext, 'options' | 'log'> & { readonly logs: Logs },
): Promise<Door[]> {
  const doors: Door[] = [];
  for (const transport of options.transports) {
    const { openDoor } = await TRANSPORTS[transport].server();
    const values = valuesOf(transport, options.values);
    const log = logs[values.deliver ?? DIMENSIONS.deliver.usual];
    doors.push(openDoor({ ...context, log, options: { ...options, values } }));
  }
  return doors;
}

async function openBackplane(
  log: Log,
  options: Settled,
  { isLast, ...events }: Pick<BackplaneOptions, 'onHealth' | 'onGapFilled' | 'onSignal'> & { isLast: () => boolean },
): Promise<Backplane> {
  const row = await BACKPLANES[options.backplane].open();
  return row.openBackplane(log, {
    ...options,
    ...events,
    // What comes in the place of a node goes on with its feed.
    get forgetOnClose() {
      return options.forgetOnClose && isLast();
    },
  });
}

/**
 * 200 once messages reach this node, 503 before and whenever they do not. It also tells the clock of `dueNs`, for clients
 * that have another.
 */
function routeHealth(app: FastifyInstance, state: () => { ready: boolean }): void {
  app.get('/health', async (_request, reply) => {
    const now = state();
    return reply.code(now.ready ? 200 : 503).send({ ...now, monotonicNs: monotonicNs() });
  });
}

function routeFiles(app: FastifyInstance, files: Settled['files']): void {
  for (const { path, contentType, body } of files) {
    app.get(path, async (_request, reply) => reply.header('content-type', contentType).send(body));
  }
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
    if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      throw new Failure('port-in-use', `cannot listen on ${host}:${port} (${code}); choose another --host or --port`, {
        cause: error,
      });
    }
    throw error;
  }
  return (app.server.address() as AddressInfo).port;
}
