import { randomBytes } from 'node:crypto';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody, type MessageHeader } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { SubscriberAudit, type SubscriberCounts } from '../../load/subscribers/audit.ts';
import { type FeedNode, openNode } from '../../servers/node/node.ts';
import type { BackplaneId } from '../../servers/backplanes.ts';
import { headerProfile, type TransportId, TRANSPORTS } from '../../servers/registry.ts';
import { Witness } from '../../servers/testing/test-witness.ts';
import type { SessionEvents } from '../../servers/transport.ts';

/** A client of one node: what it got, in which order, and how late the latest of it was. */
export class Listener extends Witness implements SessionEvents {
  readonly audit = new SubscriberAudit();
  /** Due times, which no two messages share whoever took them. */
  readonly order: number[] = [];
  isOpen = false;
  latestMs = 0;

  opened(): void {
    this.isOpen = true;
    this.changed();
  }

  message(header: MessageHeader, _bytes: number, receivedNs: number): void {
    this.audit.message(header.seq, header.intact ? 'right' : 'corrupted');
    this.order.push(header.dueNs);
    this.latestMs = Math.max(this.latestMs, (receivedNs - header.publishedNs) / NS_PER_MS);
    this.changed();
  }

  notice(): void {
    this.changed();
  }

  signal(): void {
    this.changed();
  }

  foreign(): void {
    this.audit.foreign();
  }

  answered(): void {
    this.changed();
  }

  reopened(): void {
    this.changed();
  }

  lost(): void {
    throw new Error('a client of this measurement lost its node');
  }

  counts(published: number): SubscriberCounts {
    return this.audit.counts(published);
  }
}

/** Nodes that share a feed, with a client each. */
export interface Fleet extends AsyncDisposable {
  readonly listeners: readonly Listener[];
  /** Rejects where the backplane says that the message is not in the feed. */
  append(node: number): Promise<number>;
  /** Whether every node says that messages reach it. */
  readonly isHealthy: boolean;
}

interface Served {
  readonly transport: TransportId;
  readonly backplane: BackplaneId;
  /** One for each node. */
  readonly redisUrls: readonly string[];
}

/** Resolves when every client's subscription stands. */
export async function openFleet({ transport, backplane, redisUrls }: Served): Promise<Fleet> {
  await using opened = new AsyncDisposableStack();
  const feed = randomBytes(6).toString('base64url');
  const nodes: FeedNode[] = [];
  const healthy = redisUrls.map(() => false);
  for (const [index, redisUrl] of redisUrls.entries()) {
    const options = { transports: [transport], backplane, redisUrl, feed, forgetOnClose: true };
    const node = await openNode(options, { onHealth: (isHealthy) => void (healthy[index] = isHealthy) });
    opened.defer(async () => node.close());
    nodes.push(node);
  }
  const listeners = await Promise.all(nodes.map(async ({ port }) => listen(transport, port, opened)));
  const { payload } = loadWorkload('ticker');
  let index = 0;
  const closing = opened.move();
  return {
    listeners,
    append: async (node) => {
      const nowNs = monotonicNs();
      const body = encodeBody(nowNs, nowNs, payloadData(payload, 1, index));
      index += 1;
      return nodes[node]?.backplane.append(body) ?? Promise.reject(new RangeError(`there is no node ${node}`));
    },
    get isHealthy() {
      return healthy.every(Boolean);
    },
    [Symbol.asyncDispose]: async () => closing.disposeAsync(),
  };
}

async function listen(transport: TransportId, port: number, opened: AsyncDisposableStack): Promise<Listener> {
  const { openSession } = await TRANSPORTS[transport].client();
  const listener = new Listener();
  const session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: { kind: 'oldest' },
      values: {},
      headers: headerProfile(),
      poll: { originNs: monotonicNs(), intervalNs: 10 * NS_PER_MS },
    },
    listener,
  );
  opened.defer(() => session.close());
  await listener.until(({ isOpen }) => isOpen);
  return listener;
}
