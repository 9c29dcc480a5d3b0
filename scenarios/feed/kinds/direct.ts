import { userChannel } from '../channels.ts';
import { derivedRandom } from '../random.ts';
import { dueTimes } from '../schedule.ts';
import { OwnNumbers, PUBLISHER, type SaidMessage, type Script, userName } from '../script.ts';
import type { DirectFeed } from './feed-schemas.ts';

interface DirectOptions {
  readonly feed: DirectFeed;
  readonly clients: number;
  readonly seed: number;
  readonly durationNs: number;
}

/** Stream number of who is meant, apart from those of arrivals (-2), poll phases (-3) and conversations (-4 to -7). */
const RECEIVERS = -8;

/** News of which each is for one client, and most clients have none for a long time. */
export function planDirect({ feed, clients, seed, durationNs }: DirectOptions): Script {
  const random = derivedRandom(seed, RECEIVERS);
  const numbers = new OwnNumbers();
  const messages = Array.from(dueTimes(feed, durationNs, seed), (offsetNs, index): SaidMessage => {
    const channel = userChannel(userName(Math.floor(random() * clients)));
    return { index, offsetNs, sender: PUBLISHER, channel, n: numbers.next(channel, PUBLISHER) };
  });
  return { messages, typings: [], visits: [] };
}
