import { NS_PER_MS } from '../../scenarios/units.ts';
import type { ClockRecord } from '../../scenarios/result/clock.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { ForeignServer, ForeignSite } from '../generator.ts';
import { readClockApart } from './apart/ask-adapter.ts';
import { boundBetween, EXCHANGES } from './server-clock.ts';

interface TrialClock {
  readonly before: Required<Pick<ForeignSite, 'offsetMs'>>;
  /** Asks again; how far the clocks agreed in between. */
  end(): Promise<ClockRecord>;
}

/** Asks a server for its time before a trial; undefined where it cannot be asked, or need not be: what is published here has our time. */
export async function openForeignClock(server: ForeignServer): Promise<TrialClock | undefined> {
  const { hasClock, isPublishedTo } = server;
  if (!hasClock || isPublishedTo) return undefined;
  const before = await readClockApart(server);
  return {
    before: { offsetMs: before.offsetMs },
    end: async () => {
      const { driftMs, boundMs } = boundBetween(before, await readClockApart(server));
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
