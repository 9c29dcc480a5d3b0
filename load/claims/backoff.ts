import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import { type Random, seededRandom } from '../../scenarios/feed/random.ts';
import { type ReconnectPolicyId, reconnectPolicy } from '../../scenarios/reconnect/policy.ts';
import { simulateComeback } from '../../scenarios/reconnect/simulation.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

const CLIENTS = 10_000;
/** A server that is there again half a second after it was lost: shorter than anybody's first wait. */
const DOWN_MS = 500;
const SEEDS = [1, 2, 3];
/** "1s, 2s, 4s, 8s, 16s... max 30s". */
const SAID_MS = [1000, 2000, 4000, 8000, 16_000, 30_000];

/** The guide's waits, and what policies make of 10,000 clients where connecting costs nothing. */
export async function measureBackoff(): Promise<FiguresOf<'backoff'>> {
  const waitsMs = guidesWaitsMs(() => 0);
  const [guidePeak, barePeak, fullPeak] = (['guide', 'bare', 'full'] as const).map(peaksOf) as [
    number[],
    number[],
    number[],
  ];
  return {
    asSaid: waitsMs.map((waitMs, index) => (waitMs === (SAID_MS[index] ?? SAID_MS.at(-1)) ? 1 : 0)),
    waitNs: waitsMs.map((waitMs) => waitMs * NS_PER_MS),
    jitteredWaitNs: SEEDS.map((seed) => longestWaitMs(seededRandom(seed)) * NS_PER_MS),
    guidePeak,
    barePeak,
    fullPeak,
    guideTimes: guidePeak.map((peak, index) => peak / (barePeak[index] ?? Number.NaN)),
  };
}

function peaksOf(id: ReconnectPolicyId): number[] {
  return SEEDS.map(
    (seed) => simulateComeback(reconnectPolicy(id), { clients: CLIENTS, downMs: DOWN_MS, seed }).mostPerSecond,
  );
}

/** Of a hundred clients. */
function longestWaitMs(random: Random): number {
  return Math.max(...Array.from({ length: 100 }, () => guidesWaitsMs(random)).flat());
}

/**
 * What the guide's ReconnectingWebSocket waits before each of its tries until it gives up: its lines, with a connection that is closed
 * at once instead of a WebSocket, and a timer that does not wait.
 */
export function guidesWaitsMs(random: () => number): number[] {
  const maxRetries = 10;
  const baseDelayMs = 1000;
  const waitsMs: number[] = [];
  let retryCount = 0;
  const onclose = (): void => {
    if (retryCount >= maxRetries) return;
    const delayMs = Math.min(baseDelayMs * 2 ** retryCount, 30_000);
    const jitterMs = delayMs * 0.2 * random();
    waitsMs.push(delayMs + jitterMs);
    retryCount++;
    onclose();
  };
  onclose();
  return waitsMs;
}
