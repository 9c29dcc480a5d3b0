import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { openNode } from '../../servers/node/node.ts';
import { TRANSPORT_IDS } from '../../servers/registry.ts';
import { variantValuesSchema } from '../../scenarios/variant-values.ts';
import { BARE_SERVERS } from './bare-servers.ts';

/**
 * The server of `make perf PART=doors`: told over IPC what it is, it says its port; at the next word it plays a feed, and
 * tells what that cost.
 */
const orderSchema = z.strictObject({
  transport: z.enum(TRANSPORT_IDS),
  values: variantValuesSchema,
  server: z.enum(['door', 'bare']),
  messages: z.int(),
  intervalMs: z.number(),
});

type Order = z.infer<typeof orderSchema>;

const payload = { kind: 'stock-prices', bytes: 120 } as const;

interface Feed {
  readonly port: number;
  send(body: string): void;
}

async function open({ transport, values, server }: Order): Promise<Feed> {
  if (server === 'door') {
    const node = await openNode({ transports: [transport], values });
    return { port: node.port, send: (body) => void node.backplane.append(body) };
  }
  const bare = await BARE_SERVERS[transport]?.();
  if (bare === undefined) throw new TypeError(`there is no bare server for ${transport}`);
  let seq = 0;
  return {
    port: bare.port,
    send: (body) => {
      seq += 1;
      bare.send(encodeMessage(seq, body));
    },
  };
}

async function play(feed: Feed, { messages, intervalMs }: Order): Promise<number> {
  const originNs = monotonicNs();
  const before = process.cpuUsage();
  for (let index = 0; index < messages; index++) {
    const dueNs = originNs + index * intervalMs * NS_PER_MS;
    await setTimeout(Math.max(0, (dueNs - monotonicNs()) / NS_PER_MS));
    feed.send(encodeBody(dueNs, monotonicNs(), payloadData(payload, 1, index)));
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const [told] = (await once(process, 'message')) as [unknown];
const order = orderSchema.parse(told);
const feed = await open(order);
process.send?.({ port: feed.port });
await once(process, 'message');
process.send?.({ cpuUs: await play(feed, order) });
