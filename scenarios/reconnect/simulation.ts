import { seededRandom } from '../feed/random.ts';
import { NS_PER_MS } from '../units.ts';
import { mostPerSecond } from './peak.ts';
import { NOT_TRIED, nextWaitMs, type ReconnectPolicy, type Tried } from './policy.ts';

/** All clients lose their server at one moment, and it takes connections again some time later. */
export interface Outage {
  readonly clients: number;
  readonly downMs: number;
  /** Clients learn of it by their next poll: one such time at most. Absent: all at once. */
  readonly noticeMs?: number;
  readonly seed: number;
}

/** What a policy makes of an outage where a try costs no time, and a server that is there takes every client. */
export interface Comeback {
  /** Since the server was there again; of those that came back. */
  readonly timesNs: readonly number[];
  readonly neverBack: number;
  readonly tries: number;
  readonly mostPerSecond: number;
}

/** A sum that a client with little jitter does not reach in a day of trying. */
const MOST_TRIES = 100_000;

export function simulateComeback(policy: ReconnectPolicy, { clients, downMs, noticeMs = 0, seed }: Outage): Comeback {
  const random = seededRandom(seed);
  const timesNs: number[] = [];
  let tries = 0;
  for (let client = 0; client < clients; client++) {
    // Polls are spread over their interval.
    let atMs = (noticeMs * (client + 0.5)) / clients;
    let tried: Tried = NOT_TRIED;
    while (tried.tries < MOST_TRIES) {
      const waitMs = nextWaitMs(policy, tried, random);
      if (waitMs === undefined) break;
      atMs += waitMs;
      tried = { tries: tried.tries + 1, waitedMs: waitMs };
      if (atMs >= downMs) {
        timesNs.push((atMs - downMs) * NS_PER_MS);
        break;
      }
    }
    tries += tried.tries;
  }
  return { timesNs, neverBack: clients - timesNs.length, tries, mostPerSecond: mostPerSecond(timesNs) };
}
