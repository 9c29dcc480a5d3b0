import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { openIngestClient } from '../../servers/ingest/client.ts';
import { startRedis } from '../fleet/redis-server.ts';
import { loopbackNetwork } from '../machine/network.ts';
import { median, type ProbeContext } from './probe.ts';
import { openListener, type ProbeNode, startProbeNode } from './probe-node.ts';

const TRIES = 3;
const MESSAGES = 40;
const EVERY_MS = 25;
/** What is on its way when the last was said. */
const GRACE_MS = 300;
const TRANSPORT = 'websocket' as const;
const PAYLOAD = { kind: 'stock-prices', bytes: 200 } as const;

/**
 * The same messages, handed at the same moment to a node that is alone and to one of two that share a feed over Redis: how much later
 * each came to a client of the other one. Whatever disturbs one message disturbs both ways of it. A second node that is alone hears what
 * comes without Redis.
 */
export async function measureRedisPairs(context: ProbeContext): Promise<FiguresOf<'redis'>> {
  const { cleanup, scratch } = context;
  const redisUrl = context.redisUrl ?? (await ownRedis(context));
  const paths = { alone: join(scratch, 'alone'), shared: join(scratch, 'shared') };
  const over = {
    transports: [TRANSPORT],
    backplane: 'redis' as const,
    feed: 'claims',
    redisUrl,
    forgetOnClose: true,
  };
  const alone = await startProbeNode(context, { transports: [TRANSPORT], ingest: paths.alone });
  const unshared = await startProbeNode(context, { transports: [TRANSPORT] });
  await startProbeNode(context, { ...over, ingest: paths.shared });
  const other = await startProbeNode(context, over);
  const heard = await Promise.all([alone, other, unshared].map(async (node) => listen(context, node)));
  const ingests = await Promise.all([paths.alone, paths.shared].map(openIngest));
  for (const ingest of ingests) cleanup.defer(() => ingest.close());
  for (let index = 0; index < TRIES * MESSAGES; index++) {
    const body = encodeBody(monotonicNs(), monotonicNs(), payloadData(PAYLOAD, 1, index));
    // Who is first has an advantage of some microseconds, in turns.
    for (const ingest of index % 2 === 0 ? ingests : ingests.toReversed()) ingest.send(body);
    await setTimeout(EVERY_MS);
  }
  await setTimeout(GRACE_MS);
  const [direct = new Map<number, number>(), shared, none] = heard;
  const addedNs = [...direct].flatMap(([seq, atNs]) => {
    const laterNs = shared?.get(seq);
    return laterNs === undefined ? [] : [laterNs - atNs];
  });
  const tries = Array.from({ length: TRIES }, (_, number) => addedNs.slice(number * MESSAGES, (number + 1) * MESSAGES));
  return {
    addedNs: tries.filter(({ length }) => length > 0).map(median),
    lost: [direct.size - addedNs.length],
    unshared: [none?.size ?? 0],
  };
}

async function ownRedis({ cleanup }: ProbeContext): Promise<string> {
  const network = loopbackNetwork('the probe is a client of nodes on the loopback');
  return (await startRedis({ network, cores: [], cleanup }, () => undefined)).url;
}

async function openIngest(path: string): ReturnType<typeof openIngestClient> {
  return openIngestClient(path, { onAnswer: () => undefined, onClose: () => undefined });
}

/** By number, when each message came. */
async function listen(context: ProbeContext, node: ProbeNode): Promise<ReadonlyMap<number, number>> {
  const heard = new Map<number, number>();
  await openListener(context, node, { message: ({ seq }, _, receivedNs) => void heard.set(seq, receivedNs) });
  return heard;
}
