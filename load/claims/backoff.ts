import type { ClaimFigures } from '../../scenarios/claims/figures.ts';
import { nextWaitMs, type ReconnectPolicyId, reconnectPolicy, type Tried } from '../../scenarios/reconnect/policy.ts';
import { simulateComeback } from '../../scenarios/reconnect/simulation.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

const CLIENTS = 10_000;
/** A server that is there again half a second after it was lost: shorter than anybody's first wait. */
const DOWN_MS = 500;
const SEEDS = [1, 2, 3];

/** The guide's waits, and what policies make of 10,000 clients where connecting costs nothing. */
export async function measureBackoff(): Promise<ClaimFigures> {
  return {
    guideWaitNs: guideWaitsNs(),
    simulatedGuidePeak: peaksOf('guide'),
    simulatedBarePeak: peaksOf('bare'),
    simulatedFullPeak: peaksOf('full'),
  };
}

function peaksOf(id: ReconnectPolicyId): number[] {
  return SEEDS.map(
    (seed) => simulateComeback(reconnectPolicy(id), { clients: CLIENTS, downMs: DOWN_MS, seed }).mostPerSecond,
  );
}

/** Without anything left to chance, until it gives up. */
function guideWaitsNs(): number[] {
  const waits: number[] = [];
  let tried: Tried = { tries: 0, waitedMs: 0 };
  for (;;) {
    const waitMs = nextWaitMs(reconnectPolicy('guide'), tried, () => 0);
    if (waitMs === undefined) return waits;
    waits.push(waitMs * NS_PER_MS);
    tried = { tries: tried.tries + 1, waitedMs: waitMs };
  }
}
