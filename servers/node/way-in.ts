import { BACKPLANES, type BackplaneId } from '../backplanes.ts';
import { Log } from '../feed/log.ts';
import { settleNodeOptions } from './node.ts';
import { openIngest } from '../ingest/server.ts';

interface WayInOptions {
  /** Of the ingest socket. */
  readonly path: string;
  readonly backplane: BackplaneId;
  readonly redisUrl: string;
  /** Names the feed that nodes elsewhere serve. */
  readonly feed: string;
  readonly onHealth: (healthy: boolean, reason: string) => void;
}

/** A way into the feed of nodes that run elsewhere: an ingest without a node, for whoever publishes. */
export interface WayIn extends AsyncDisposable {
  /** The number of the newest message in the feed. */
  latest(): number;
}

/** Rejects with `redis-lost`, or `port-in-use` where the path cannot be bound. What is published stays when it closes. */
export async function openWayIn({ path, onHealth, ...where }: WayInOptions): Promise<WayIn> {
  await using opened = new AsyncDisposableStack();
  const options = settleNodeOptions({ ...where, transports: ['polling'] });
  const log = new Log({ messages: options.logMessages, bytes: options.logBytes });
  const row = await BACKPLANES[where.backplane].open();
  const backplane = await row.openBackplane(log, {
    ...options,
    forgetOnClose: false,
    onHealth,
    onGapFilled: () => undefined,
    onSignal: () => undefined,
  });
  opened.defer(async () => backplane.close());
  const ingest = await openIngest(path, async (body) => backplane.append(body));
  opened.defer(async () => ingest.close());
  const closing = opened.move();
  return { latest: () => log.latest, [Symbol.asyncDispose]: async () => closing.disposeAsync() };
}
