import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { openIngestClient } from '../../servers/ingest/client.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { Session } from '../../servers/transport.ts';
import { median, type ProbeContext } from './probe.ts';
import { openListener, type ProbeNode, startProbeNode } from './probe-node.ts';

const TRIES = 3;
/** What else the machine does only adds: of so many bursts the one that it left alone most is what pushing takes. */
const BURSTS_A_TRY = 4;
const MESSAGES_A_BURST = 25;
const EVERY_MS = 4;
/** Before the server's code is compiled. */
const FIRST_MESSAGES = 50;
const INSTANT_NS = NS_PER_MS;
/** Alone in their answers: what one costs on a socket is the same each time. */
const COUNTED_MESSAGES = 5;
/** Until the request after an answer, and what a server says besides, are on their way. */
const GRACE_MS = 50;
const PAYLOAD = { kind: 'stock-prices', bytes: 200 } as const;

type Context = Pick<ProbeContext, 'cleanup' | 'scratch'>;

/** When a message is at a single client, and what each transport that delivers at once adds to it on its socket. */
export async function measurePushes(context: Context): Promise<FiguresOf<'pushes'>> {
  const ingest = join(context.scratch, 'ingest');
  const node = await startProbeNode(context, {
    transports: ['websocket', 'sse', 'socketio', 'long-polling'],
    ingest,
  });
  const feed = new Feed(await openIngestClient(ingest, { onAnswer: () => undefined, onClose: () => undefined }));
  context.cleanup.defer(() => feed.close());
  const prompt = await deliveries(context, node, feed);
  const webSocketBytes = await overheadsOf(context, { node, feed, transport: 'websocket' });
  const socketioBytes = await overheadsOf(context, { node, feed, transport: 'socketio' });
  const sseBytes = await overheadsOf(context, { node, feed, transport: 'sse' });
  const longPollingBytes = await overheadsOf(context, { node, feed, transport: 'long-polling' });
  const own = median(webSocketBytes);
  const otherTimes = [socketioBytes, sseBytes, longPollingBytes].map((all) => Math.min(...all) / own);
  const longPollingTimes = longPollingBytes.map((bytes) => (PAYLOAD.bytes + bytes) / (PAYLOAD.bytes + own));
  return { ...prompt, longPollingTimes, webSocketBytes, socketioBytes, sseBytes, longPollingBytes, otherTimes };
}

/** Hands messages to the node, and knows when. */
class Feed {
  readonly #ingest: Awaited<ReturnType<typeof openIngestClient>>;
  #said = 0;

  constructor(ingest: Awaited<ReturnType<typeof openIngestClient>>) {
    this.#ingest = ingest;
  }

  say(): number {
    const nowNs = monotonicNs();
    this.#ingest.send(encodeBody(nowNs, nowNs, payloadData(PAYLOAD, 1, this.#said)));
    this.#said += 1;
    return nowNs;
  }

  /** Which is the number of the last one. */
  get said(): number {
    return this.#said;
  }

  close(): void {
    this.#ingest.close();
  }
}

async function deliveries(
  context: Context,
  node: ProbeNode,
  feed: Feed,
): Promise<Pick<FiguresOf<'pushes'>, 'promptShare' | 'deliveryNs'>> {
  const receivedNs: number[] = [];
  await openListener(context, node, { message: (_, __, atNs) => void receivedNs.push(atNs) });
  const saidNs: number[] = [];
  const bursts = TRIES * BURSTS_A_TRY;
  for (let index = 0; index < FIRST_MESSAGES + bursts * MESSAGES_A_BURST; index++) {
    saidNs.push(feed.say());
    await setTimeout(EVERY_MS);
  }
  await setTimeout(GRACE_MS);
  const tookNs = receivedNs.map((atNs, index) => atNs - (saidNs[index] ?? atNs)).slice(FIRST_MESSAGES);
  const inBursts = Array.from({ length: bursts }, (_, number) =>
    tookNs.slice(number * MESSAGES_A_BURST, (number + 1) * MESSAGES_A_BURST),
  );
  const tries = Array.from({ length: TRIES }, (_, number) =>
    leastDisturbed(inBursts.filter((own, index) => index % TRIES === number && own.length > 0)),
  );
  return {
    promptShare: tries.map((own) => own.filter((ns) => ns < INSTANT_NS).length / own.length),
    deliveryNs: tries.map(median),
  };
}

function leastDisturbed(bursts: readonly (readonly number[])[]): readonly number[] {
  const [least] = bursts.toSorted((a, b) => median(a) - median(b));
  if (least === undefined) throw new RangeError('nothing came of what was said');
  return least;
}

/** Of each message, what came and went on the socket besides. */
async function overheadsOf(
  context: Context,
  { node, feed, transport }: { readonly node: ProbeNode; readonly feed: Feed; readonly transport: TransportId },
): Promise<number[]> {
  let wanted = { seq: feed.said, came: Promise.withResolvers<number>() };
  const session = await openListener(context, node, {
    transport,
    message: ({ seq }, payloadBytes) => {
      if (seq >= wanted.seq) wanted.came.resolve(payloadBytes);
    },
  });
  // What was said before it came.
  await wanted.came.promise;
  await setTimeout(GRACE_MS);
  const overheads: number[] = [];
  for (let count = 0; count < COUNTED_MESSAGES; count++) {
    wanted = { seq: feed.said + 1, came: Promise.withResolvers<number>() };
    const before = bytesOf(session);
    feed.say();
    const payloadBytes = await wanted.came.promise;
    await setTimeout(GRACE_MS);
    overheads.push(bytesOf(session) - before - payloadBytes);
  }
  session.close();
  return overheads;
}

function bytesOf({ bytesRead, bytesWritten }: Session): number {
  return bytesRead + bytesWritten;
}
