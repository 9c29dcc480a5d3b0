import type { Failure } from '../../scenarios/failures.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import type { ForeignServer, WindowTiming } from '../generator.ts';
import { NodeGroup } from '../fleet/nodes.ts';
import type { ServerSide } from '../fleet/server-side.ts';
import { loopbackNetwork, type Network } from '../machine/network.ts';
import type { Player } from './player.ts';

/** Why nobody sees what the server uses. */
const UNSEEN = 'the server is not one of this run, and nobody watches its processes';

export const UNWATCHED: NonNullable<MeasuredTrial['unwatched']> = { node: UNSEEN, redis: UNSEEN };

/** What a feed has for a hash whose messages nobody here knows. */
export const UNKNOWN_FEED = 'none: the server makes the feed';

export function foreignNetwork({ address }: ForeignServer): Network {
  const place = address.isLoopback ? 'over loopback' : 'over the network outside';
  return loopbackNetwork(`no private network: the server is not one of this run, and was reached ${place}`);
}

/** No nodes: nobody to tell anything, and nobody who reports. */
export function foreignServers({ address: { host, port } }: ForeignServer): ServerSide {
  const targets = [{ host, port }];
  return {
    balancer: undefined,
    targets,
    nodes: new NodeGroup([], targets, async () => {
      throw new TypeError('a server that is not ours is not started anew');
    }),
    redis: undefined,
  };
}

/** The server plays the feed: it lasts as long as it is looked at. */
export function ownFeed(): Player {
  const stopped = Promise.withResolvers<undefined>();
  return {
    play: async ({ windowEndNs }: WindowTiming) => {
      const timer = setTimeout(() => stopped.resolve(undefined), (windowEndNs - monotonicNs()) / NS_PER_MS);
      await stopped.promise;
      clearTimeout(timer);
      return { published: 0, scheduleHash: UNKNOWN_FEED, recording: [], eventLoop: null };
    },
    stop: () => stopped.resolve(undefined),
  };
}

/** Ends a trial before its time because of what the server said, with all that is measured by then. */
export class Halt {
  readonly #controller = new AbortController();
  #reason: Failure | undefined;

  /** The first reason counts. */
  readonly because = (reason: Failure): void => {
    this.#reason ??= reason;
    this.#controller.abort();
  };

  get reason(): Failure | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
}
