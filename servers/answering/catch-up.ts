import type { Position, ReadableLog } from '../feed/log.ts';
import type { DoorContext } from '../transport.ts';

/** Nodes of one feed are milliseconds apart; one that has not caught up by then has another feed, or is cut off from it. */
const CATCH_UP_MS = 1000;
/** Nobody is so far ahead of a node of the same feed. */
const MOST_AHEAD = 10_000;

/**
 * Behind a balancer a client's next poll may come to another node than its last, which does not have yet what that one had a moment
 * ago. Resolves when the log has it, or when it has waited long enough: what is then still ahead is of another feed. Where nothing stands
 * behind the nodes, there is one node.
 */
export async function caughtUp({ hub, readOrigin }: Catching, position: Position, waitMs = CATCH_UP_MS): Promise<void> {
  if (readOrigin !== undefined && position.kind === 'after') await reached(hub.log, position.seq, waitMs);
}

interface Catching extends Pick<DoorContext, 'readOrigin'> {
  readonly hub: { readonly log: Pick<ReadableLog, 'latest' | 'follow'> };
}

async function reached(log: Catching['hub']['log'], seq: number, waitMs: number): Promise<void> {
  if (seq <= log.latest || seq > log.latest + MOST_AHEAD) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, waitMs);
    const unfollow = log.follow(() => {
      if (log.latest >= seq) done();
    });
    function done(): void {
      clearTimeout(timer);
      unfollow();
      resolve();
    }
  });
}
