import { NS_PER_MS } from '../../scenarios/units.ts';
import type { ClockRecord } from '../../scenarios/result/clock.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { ForeignServer, ForeignSite } from '../generator.ts';
import { loadAdapter } from './adapter-file.ts';
import { boundBetween, EXCHANGES, readServerClock } from './server-clock.ts';

interface TrialClock {
  readonly before: Required<Pick<ForeignSite, 'offsetMs'>>;
  /** Asks again; how far the clocks agreed in between. */
  end(): Promise<ClockRecord>;
}

/** Asks a server for its time before a trial; undefined where it cannot be asked, or need not be: what is published here has our time. */
export async function openForeignClock(server: ForeignServer): Promise<TrialClock | undefined> {
  const { hasClock, isPublishedTo, address } = server;
  if (!hasClock || isPublishedTo) return undefined;
  const adapter = await loadAdapter(server.adapter);
  const before = await readServerClock(adapter, address);
  return {
    before: { offsetMs: before.offsetMs },
    end: async () => {
      const { driftMs, boundMs } = boundBetween(before, await readServerClock(adapter, address));
      const aheadMs = before.offsetMs - (Date.now() - monotonicNs() / NS_PER_MS);
      return {
        aheadNs: Math.round(aheadMs * NS_PER_MS),
        driftNs: Math.round(driftMs * NS_PER_MS),
        boundNs: Math.round(boundMs * NS_PER_MS),
        exchanges: 2 * EXCHANGES,
      };
    },
  };
}
